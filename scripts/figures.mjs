// Writes the tables of figures in both READMEs and docs/size.md from where they are measured: docs/simulation.md,
// bench/results.json, and the built modules. `npm run bench` writes the first two of them by itself.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./lib/run.mjs";
import { entries, parts, weighed } from "./lib/weigh.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const table = (rows) => rows.map((cells) => `| ${cells.join(" | ")} |\n`).join("");

/** What stands above the columns, in the language of each page. */
const heads = {
  "README.md": {
    simulation: ["20,000 device-days", "involuntary sign-outs", "a device-day", "thefts unseen", "expired tokens sent"],
    verify: ["µs: `evertoken/edge` / jose"],
    size: ["", "raw", "gzip", "brotli"],
    modules: ["a page with `createClient` alone", "a page that verifies and decodes, too", "`evertoken/edge`"],
  },
  "README.zh-CN.md": {
    simulation: ["20,000 设备日", "非自愿登出", "每设备日", "未被发现的盗用", "发出的过期令牌"],
    verify: ["微秒：`evertoken/edge` / jose"],
    size: ["", "原始", "gzip", "brotli"],
    modules: ["只用 `createClient` 的页面", "还要验证和解码的页面", "`evertoken/edge`"],
  },
};
export const readmes = Object.keys(heads);

const simulation = (head) => {
  const [, rows] = /\n\| .*\| involuntary.*\n\|-.*\n((?:\|.*\n)+)/.exec(read("docs/simulation.md")) ?? [];
  if (!rows) throw new Error("docs/simulation.md has no table of figures");
  return `${table([head.simulation])}|---|--:|--:|--:|--:|\n${rows}`;
};

const SHOWN = ["HS256 verify", "HS256 verify cached", "HS256 verify, 59.2 KB", "HS256 sign", "RS256 verify", "ES256 verify", "ES256 sign", "EdDSA verify", "EdDSA sign"];
const rounded = (us) => (us >= 100 ? us.toFixed(0) : us >= 10 ? us.toFixed(1) : us.toFixed(2));

const verify = (head) => {
  const { runtimes } = JSON.parse(read("bench/results.json")).verify;
  const all = Object.values(runtimes);
  const cell = ({ results }, group) => {
    const of = (name) => results.find((one) => one.group === group && one.name === name)?.us;
    const jose = of("jose");
    return of("evertoken/edge") === undefined ? "" : `${rounded(of("evertoken/edge"))} / ${jose === undefined ? "–" : rounded(jose)}`;
  };
  return table([[...head.verify, ...all.map(({ version }) => version)], ["---", ...all.map(() => "--:")], ...SHOWN.map((group) => [group, ...all.map((one) => cell(one, group))])]);
};

/** What each entry weighs, all that comes with it. */
export const sizes = async () => (await Promise.all(entries.map(weighed))).map(({ both }) => both);

const size = (head, measured) => `${table([head.size])}|---|--:|--:|--:|\n${table(measured.map((row, at) => [head.modules[at], ...[row.raw, row.gzip, row.brotli].map((bytes) => `${(bytes / 1024).toFixed(0)} KB`)]))}`;

/** Every entry's row for docs/size.md: KB of brotli. */
export const sizeRows = async () =>
  Promise.all([...entries, ...parts].map(async (page) => {
    const { script, wasm, both } = await weighed(page);
    const kb = (/** @type {import("./lib/weigh.mjs").Weight} */ { brotli }) => (brotli === 0 ? "" : (brotli / 1024).toFixed(1));
    return [page.title, kb(script), kb(wasm), kb(both), String(page.budget ?? "")];
  }));

const sizeHead = ["KB of brotli", "JavaScript", "wasm", "together", "budget"];

/** @param {string} text @param {string} name @param {string} content */
const fill = (text, name, content) => {
  const place = new RegExp(`(?<=<!-- figures: ${name} -->\\n).*?(?=<!-- end of figures -->)`, "s");
  if (!place.test(text)) throw new Error(`there is no place for the figures of ${name}`);
  return text.replace(place, () => content);
};

/**
 * The page as it should be; sizes only where they were measured.
 * @param {string} page
 * @param {import("./lib/weigh.mjs").Weight[]} [measured]
 */
export function written(page, measured) {
  const head = heads[page];
  const text = fill(fill(read(page), "simulation", simulation(head)), "verify", verify(head));
  return measured ? fill(text, "size", size(head, measured)) : text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const measured = await sizes();
  for (const page of readmes) writeFileSync(join(root, page), written(page, measured));
  const page = "docs/size.md";
  writeFileSync(join(root, page), fill(read(page), "size", `${table([sizeHead])}|---|--:|--:|--:|--:|\n${table(await sizeRows())}`));
}
