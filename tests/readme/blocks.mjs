// The code blocks of everything that is written for readers, and a folder to run them in, as a reader has one.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const read = (/** @type {string} */ file) => readFileSync(join(root, file), "utf8");

/** Every page: at the root and in docs. */
export const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md", "docs/*.md"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => /^(docs\/)?[^/]+\.md$/.test(file));

/**
 * A comment before a block says how it is shown to be true: `<!-- run by FOLDER: NAME -->` or `<!-- shown by PATH -->`.
 * @typedef {{ page: string, line: number, language: string, text: string, by?: string, name?: string, shownBy?: string }} Block
 */

/** @param {string} page @returns {Block[]} */
export function blocksOf(page) {
  const lines = read(page).split("\n");
  /** @type {Block[]} */
  const blocks = [];
  for (let start = 0; start < lines.length; start++) {
    const [, language] = /^\s*```(.*)$/.exec(lines[start]) ?? [];
    if (language === undefined) continue;
    const end = lines.findIndex((line, at) => at > start && /^\s*```\s*$/.test(line));
    if (end < 0) throw new Error(`${page}:${start + 1}: a block without an end`);
    const mark = lines[start - 1] ?? "";
    const [, by, name] = /^ *<!-- run by (\S+): (\S+) -->$/.exec(mark) ?? [];
    const [, shownBy] = /^ *<!-- shown by (\S+) -->$/.exec(mark) ?? [];
    blocks.push({ page, line: start + 1, language, text: lines.slice(start + 1, end).map((line) => `${line}\n`).join(""), by, name, shownBy });
    start = end;
  }
  return blocks;
}

/** The named examples that `tests/readme` runs, of these pages. @param {...string} from @returns {Record<string, string>} */
export const examples = (...from) =>
  Object.fromEntries(from.flatMap(blocksOf).filter(({ by }) => by === "tests/readme").map(({ name, text }) => [name, text]));

/** A folder with the package installed, as far as imports can tell, and with these packages beside it. */
export function readersFolder(/** @type {Record<string, string>} */ packages = {}) {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-readme-"));
  const link = (/** @type {string} */ name, /** @type {string} */ to) => {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(to, join(folder, "node_modules", name));
  };
  link("evertoken", root);
  for (const [name, at] of Object.entries(packages)) link(name, join(root, "node_modules", at));
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
