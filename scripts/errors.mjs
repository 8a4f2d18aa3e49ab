// Writes the table of error codes in docs/errors.md from src/core/error.rs, where each code has its one sentence.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./lib/run.mjs";

const page = join(root, "docs/errors.md");

/** The page as it should be. */
export function written() {
  const source = readFileSync(join(root, "src/core/error.rs"), "utf8");
  const [, retryable] = /fn retryable[^}]*matches!\(([^)]*)\)/s.exec(source) ?? [];
  const codes = [...source.matchAll(/((?: {4}\/\/\/ .*\n)+) {4}(\w+) = "(ERR_\w+)",/g)];
  if (!retryable || codes.length < 20) throw new Error("src/core/error.rs is not as this script knows it");
  const rows = codes.map(([, doc, variant, code]) => {
    const meaning = doc.replace(/ {4}\/\/\/ /g, "").trim().replaceAll("\n", " ").replaceAll("retry_after", "retryAfter");
    return `| \`${code}\` | ${new RegExp(`\\b${variant}\\b`).test(retryable) ? "yes" : ""} | ${meaning} |\n`;
  });
  const text = readFileSync(page, "utf8");
  const place = /(?<=<!-- codes -->\n).*(?=<!-- end of codes -->)/s;
  if (!place.test(text)) throw new Error("docs/errors.md has no place for the codes");
  return text.replace(place, () => `| \`code\` | \`retryable\` | when |\n|---|---|---|\n${rows.sort().join("")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, written());
