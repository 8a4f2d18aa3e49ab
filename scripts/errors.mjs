// Writes the table of error codes in the pages from src/core/error.rs, where each code has its one sentence.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./lib/run.mjs";

const read = (path) => readFileSync(join(root, path), "utf8");

/** The codes in their order, each with its sentence and whether trying again may help. */
function codes() {
  const source = read("src/core/error.rs");
  const [, retryable] = /fn retryable[^}]*matches!\(([^)]*)\)/s.exec(source) ?? [];
  const found = [...source.matchAll(/((?: {4}\/\/\/ .*\n)+) {4}(\w+) = "(ERR_\w+)",/g)];
  if (!retryable || found.length < 20) throw new Error("src/core/error.rs is not as this script knows it");
  const told = found.map(([, doc, variant, code]) => {
    const meaning = doc.replace(/ {4}\/\/\/ /g, "").trim().replaceAll("\n", " ").replaceAll("retry_after", "retryAfter");
    return { code, meaning, again: new RegExp(`\\b${variant}\\b`).test(retryable) };
  });
  return told.sort((one, other) => (one.code < other.code ? -1 : 1));
}

const english = ({ meaning }) => meaning;

function chinese({ code }) {
  const meaning = JSON.parse(read("scripts/errors.zh-CN.json"))[code];
  if (!meaning) throw new Error(`scripts/errors.zh-CN.json has no sentence for ${code}`);
  return meaning;
}

const languages = {
  "docs/errors.md": { meaning: english, again: "yes", when: "when" },
  "README.md": { meaning: english, again: "yes", when: "when" },
  "README.zh-CN.md": { meaning: chinese, again: "是", when: "何时" },
};

export const pages = Object.keys(languages);

/** The page as it should be. @param {keyof typeof languages} page */
export function written(page) {
  const { meaning, again, when } = languages[page];
  const rows = codes().map((it) => `| \`${it.code}\` | ${it.again ? again : ""} | ${meaning(it)} |\n`);
  const text = read(page);
  const place = /(?<=<!-- codes -->\n).*(?=<!-- end of codes -->)/s;
  if (!place.test(text)) throw new Error(`${page} has no place for the codes`);
  return text.replace(place, () => `| \`code\` | \`retryable\` | ${when} |\n|---|---|---|\n${rows.join("")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const page of pages) writeFileSync(join(root, page), written(page));
