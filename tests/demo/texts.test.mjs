// The demo's texts: both languages say everything that the page asks for, and nothing that it does not.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { en } from "../../www/page/texts/en.js";
import { zh } from "../../www/page/texts/zh.js";
import { faults } from "../../www/page/fault-list.js";

const folder = new URL("../../www/page/", import.meta.url);
const page = readdirSync(folder).filter((name) => /\.(js|html)$/.test(name)).map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");

const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same texts with the same values", () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  for (const name of Object.keys(en)) assert.deepEqual(values(zh[name]), values(en[name]), name);
});

test("no text is empty, and marks come in pairs", () => {
  for (const [name, text] of [...Object.entries(en), ...Object.entries(zh)]) {
    assert.notEqual(text.trim(), "", name);
    assert.equal(text.split("`").length % 2, 1, name);
    assert.equal(text.split("**").length % 2, 1, name);
  }
});

test("every text is asked for somewhere, and all that is asked for by its name is there", () => {
  // By its whole name, or by the beginning of one that ends with a value: t(`reason.${reason}`).
  const beginnings = [...page.matchAll(/`([a-z]+\.)\$\{/gi)].map(([, beginning]) => beginning);
  const asked = (name) => page.includes(`"${name}"`) || beginnings.some((beginning) => name.startsWith(beginning));
  assert.deepEqual(Object.keys(en).filter((name) => !asked(name)), []);
  const named = [...page.matchAll(/(?:data-t(?:-label)?=|\b(?:t|rich)\()"([^"]+)"/g)].map(([, name]) => name);
  assert.ok(named.length > 50);
  assert.deepEqual(named.filter((name) => !(name in en)), []);
});

test("every fault has a name and an expectation", () => {
  for (const name of Object.keys(faults)) assert.ok(en[`fault.${name}`] && en[`fault.${name}.expected`], name);
});
