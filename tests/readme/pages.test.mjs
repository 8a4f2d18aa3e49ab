// What the pages say of the project is so: their links lead somewhere, and what they take from the code is what it has.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { written } from "../../scripts/errors.mjs";
import { pages, read, root } from "./blocks.mjs";

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
  const named = (page) => [...prose(page).matchAll(/`((?:src|tests|sim|bench|fuzz|scripts|www|docs)\/[^`\s{}<>…,]+)`/g)].map(([, path]) => ({ page, path }));
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

test("docs/errors.md has every code of the core: else run node scripts/errors.mjs", () => {
  assert.equal(read("docs/errors.md"), written());
});

test("docs/algorithms.md has every algorithm of the core", () => {
  const [line] = read("docs/algorithms.md").match(/^What there is: .*?\./m) ?? [""];
  const listed = [...line.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  const known = [...read("src/core/token/algorithm.rs").matchAll(/^ {4}\w+ = "([\w-]+)",$/gm)].map(([, name]) => name);
  assert.ok(known.length > 10);
  assert.deepEqual(listed, known);
});
