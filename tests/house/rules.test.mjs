// The rules of the house that no linter knows: what may name what, and how long a file may be.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
// What git knows or would know: nothing that was built.
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter(Boolean);
const read = (file) => readFileSync(root + file, "utf8");

/** Rust without its comments and without its unit tests, which come last in a file. */
const code = (file) => read(file).replace(/\/\/.*$/gm, "").split("#[cfg(test)]\nmod ")[0];
const rust = (folder) => files.filter((file) => file.startsWith(folder) && file.endsWith(".rs"));

/** Fails with every line that matches, and says where it is. */
function none(sources, forbidden) {
  assert.ok(sources.length > 0, "there is something to look at");
  const found = sources.flatMap((file) =>
    code(file).split("\n").flatMap((line, index) => (forbidden.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  assert.deepEqual(found, []);
}

test("the core names no host, no clock and no source of randomness", () => {
  none(rust("src/core/"), /\b(wasm_bindgen|js_sys|web_sys|getrandom|rand|std::time|std::fs|std::net|std::env|std::thread)\b/);
});

test("the core has no async code", () => {
  none(rust("src/core/"), /\b(async|await)\b/);
});

test("the core knows nothing of the engines and the shells", () => {
  none(rust("src/core/"), /\bcrate::(engine|shell|browser|edge)\b/);
});

test("the engines know nothing of the shells", () => {
  none(rust("src/engine/"), /\bcrate::(browser|edge)\b/);
});

test("tokens know neither sessions nor accounts, and those two not each other", () => {
  none(rust("src/core/token/"), /\bcore::(session|account)\b/);
  none(rust("src/core/session"), /\bcore::account\b/);
  none(rust("src/core/account"), /\bcore::session\b/);
});

test("nothing is unsafe", () => {
  none(rust("src/"), /\bunsafe\b/);
  assert.match(read("Cargo.toml"), /unsafe_code = "forbid"/);
});

test("no file that is shipped, shown or run to build is longer than 500 lines", () => {
  const sources = files.filter((file) => /^(src|scripts|www)\/.*\.(rs|js|mjs|ts|css|html)$/.test(file));
  const long = sources.map((file) => [file, read(file).split("\n").length]).filter(([, lines]) => lines > 500);
  assert.deepEqual(long, []);
});

test("the lock files name no registry host and the published package depends on nothing", () => {
  assert.doesNotMatch(read("package-lock.json"), /https?:\/\/[^"]*\.tgz/);
  assert.equal(JSON.parse(read("package.json")).dependencies, undefined);
});

test("every folder of tests is a stage of npm test", () => {
  const folders = new Set(files.filter((file) => file.endsWith(".test.mjs")).map((file) => file.slice(0, file.lastIndexOf("/"))));
  const stages = read("scripts/test.mjs");
  assert.deepEqual([...folders].filter((folder) => !stages.includes(`node("${folder}"`)), []);
});
