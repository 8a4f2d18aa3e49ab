// The code blocks of everything that is written for readers, and a folder to run them in, as a reader has one.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const read = (/** @type {string} */ file) => readFileSync(join(root, file), "utf8");

export const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

/**
 * A comment before a block says who takes it, and under which name: `<!-- run by FOLDER: NAME -->`, or `compiled by`.
 * @typedef {{ page: string, line: number, language: string, text: string, how?: string, by?: string, name?: string }} Block
 */

/** @param {string} page @returns {Block[]} */
export function blocksOf(page) {
  const lines = read(page).split("\n");
  /** @type {Block[]} */
  const blocks = [];
  for (let start = 0; start < lines.length; start++) {
    const [, fence, language] = /^[\s>]*(```|~~~)(.*)$/.exec(lines[start]) ?? [];
    if (language === undefined) continue;
    const end = lines.findIndex((line, at) => at > start && line.replace(/^[\s>]*/, "").trimEnd() === fence);
    if (end < 0) throw new Error(`${page}:${start + 1}: a block without an end`);
    const [, how, by, name] = /^ *<!-- (run|compiled) by (\S+): (\S+) -->$/.exec(lines[start - 1] ?? "") ?? [];
    blocks.push({ page, line: start + 1, language, text: lines.slice(start + 1, end).map((line) => `${line}\n`).join(""), how, by, name });
    start = end;
  }
  return blocks;
}

/** The blocks of these pages, by their names. @param {...string} from @returns {Record<string, string>} */
export const examples = (...from) => Object.fromEntries(from.flatMap(blocksOf).map(({ name, text }) => [name, text]));

/** A folder with the package installed, as far as imports can tell, and with these packages beside it. */
export function readersFolder(/** @type {Record<string, string>} */ packages = {}) {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-readme-"));
  const link = (/** @type {string} */ name, /** @type {string} */ to) => {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(to, join(folder, "node_modules", name));
  };
  /** As npm does, so that npx finds them. */
  const linkPrograms = (/** @type {string} */ name) => {
    const { bin = {} } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    for (const [program, file] of Object.entries(bin)) symlinkSync(join("..", name, file), join(folder, "node_modules/.bin", program));
  };
  link("evertoken", root);
  for (const [name, at] of Object.entries(packages)) link(name, join(root, "node_modules", at));
  if (packages.wrangler) linkPrograms("wrangler");
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  return {
    folder,
    path: (/** @type {string} */ name) => join(folder, name),
    write: (/** @type {string} */ name, /** @type {string} */ text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
