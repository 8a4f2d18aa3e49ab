// What the pages say of the project is so: their links lead somewhere, and what they take from the code is what it has.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages as withCodes, written } from "../../scripts/errors.mjs";
import { readmes, sizeRows, sizes, written as figures } from "../../scripts/figures.mjs";
import { blocksOf, pages, read, root } from "./blocks.mjs";

/** The page without its blocks of code. */
const prose = (page) => read(page).replace(/^\s*```.*?^\s*```$/gms, "");

/** As GitHub names the headings of a page. */
const anchors = (page) =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));

test("every link within the project leads somewhere", () => {
  const broken = pages.flatMap((page) =>
    [...prose(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)]
      .filter(([, path, anchor]) => {
        const target = path ? join(dirname(page), path) : page;
        return !existsSync(join(root, target)) || (anchor && !anchors(target).includes(anchor));
      })
      .map(([link]) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test("every file and folder that is named is there", () => {
  const named = (page) => [...prose(page).matchAll(/`((?:src|tests|sim|bench|fuzz|scripts|www|docs)\/[^`\s{}<>…,]+)`/g)].map(([, path]) => ({ page, path })).filter(({ path }) => !path.endsWith("/node_modules"));
  const all = pages.filter((page) => page !== "CHANGELOG.md").flatMap(named);
  assert.ok(all.length > 20);
  const there = (path) => existsSync(join(root, path.replace(/\/\*.*$/, "")));
  assert.deepEqual(all.filter(({ path }) => !there(path)), []);
});

test("every npm script that is named is there", () => {
  const { scripts } = JSON.parse(read("package.json"));
  for (const page of pages) {
    for (const [, name] of read(page).matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[name], `${page}: npm run ${name}`);
  }
});

test("the tables of errors have every code of the core: else run node scripts/errors.mjs", () => {
  for (const page of withCodes) assert.equal(read(page), written(page), page);
});

test("docs/algorithms.md has every algorithm of the core", () => {
  const [line] = read("docs/algorithms.md").match(/^What there is: .*?\./m) ?? [""];
  const listed = [...line.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  const known = [...read("src/core/token/algorithm.rs").matchAll(/^ {4}\w+ = "([\w-]+)",$/gm)].map(([, name]) => name);
  assert.ok(known.length > 10);
  assert.deepEqual(listed, known);
});

test("the tables for those who come from elsewhere name nothing of evertoken that there is not", () => {
  const types = readdirSync(join(root, "src/js/types"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".d.ts")).map((file) => read(`src/js/types/${file}`)).join("");
  const short = [...read("README.md").matchAll(/^\| \[.*\]\(docs\/migrating.* \| (.*) \|$/gm)].map(([, right]) => right);
  assert.equal(short.length, 5);
  const long = [...read("docs/migrating.md").matchAll(/^\| .*? \| (.*) \|$/gm)].map(([, right]) => right).filter((right) => !/^evertoken/.test(right));
  assert.ok(long.length > 40);
  const rows = [...long, ...short];
  const values = /"[^"]*"|navigator\.\w+|Authorization|getTime|evertoken/g;
  const words = rows.flatMap((right) => [...right.matchAll(/`([^`]*)`/g)].flatMap(([, code]) => code.replace(values, "").match(/[A-Za-z]\w{3,}/g) ?? []));
  const js = new Set(["await", "date", "token", "false", "true", "error", "code", "listener"]);
  assert.deepEqual([...new Set(words)].filter((word) => !js.has(word) && !new RegExp(`\\b${word}\\b`).test(types)), []);
});

test("README.zh-CN.md has the code, the headings and the links of README.md", () => {
  const [english, chinese] = ["README.md", "README.zh-CN.md"];
  const code = (page) => blocksOf(page).map(({ line, page: _, ...block }) => block);
  assert.deepEqual(code(chinese), code(english));
  const count = (page, what) => [...prose(page).matchAll(what)].length;
  for (const what of [/^#+ /gm, /^- /gm, /^\|/gm]) assert.equal(count(chinese, what), count(english, what), String(what));
  const links = (page) => [...prose(page).matchAll(/\]\(([^)]*)\)/g)].map(([, to]) => to).filter((to) => !to.startsWith("README")).sort();
  assert.deepEqual(links(chinese), links(english));
});

test("docs/size.md says of every entry what npm run size prints: else run node scripts/figures.mjs", async () => {
  const said = new Map([...read("docs/size.md").matchAll(/^\| (evertoken[^|]*?) \|(.*)\|$/gm)].map(([, title, cells]) => [title, cells.split("|").map((cell) => cell.trim())]));
  const rows = await sizeRows();
  assert.equal(said.size, rows.length);
  for (const [title, ...cells] of rows) {
    const found = said.get(title) ?? [];
    cells.forEach((cell, at) => assert.ok(Math.abs(Number(cell) - Number(found[at])) <= Math.max(0.5, Number(cell) / 20), `${title}: ${found[at]} is ${cell}`));
    const [, , together, budget] = cells;
    assert.ok(budget === "" || Number(together) <= Number(budget), `${title}: ${together} KB, and ${budget} at most`);
  }
});

test("the figures of both READMEs are those that were measured: else run node scripts/figures.mjs", async () => {
  for (const page of readmes) assert.equal(read(page), figures(page));
  // A build differs by bytes from the next; what it weighs is said to the KB, and may be off by a twentieth.
  const measured = await sizes();
  for (const page of readmes) {
    const [part] = /(?<=<!-- figures: size -->\n).*?(?=<!-- end of figures -->)/s.exec(read(page)) ?? [""];
    const said = [...part.matchAll(/([\d.]+) KB/g)].map(([, kb]) => Number(kb));
    const found = measured.flatMap(({ raw, gzip, brotli }) => [raw, gzip, brotli].map((bytes) => bytes / 1024));
    assert.equal(said.length, found.length);
    found.forEach((kb, at) => assert.ok(Math.abs(kb - said[at]) <= Math.max(1, kb / 20), `${page}: ${said[at]} KB is ${kb.toFixed(1)} KB`));
  }
});
