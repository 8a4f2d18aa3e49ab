// The codes of errors: the same list for Rust and for TypeScript, and each of them reached by a test.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(root + file, "utf8");
const files = (/** @type {string[]} */ ...folders) =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...folders], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

const CODES = "src/core/error.rs";
const codes = [...read(CODES).matchAll(/^ {4}(\w+) = "(ERR_\w+)",$/gm)].map(([, variant, code]) => ({ variant, code }));
const rust = files("src").filter((file) => file.endsWith(".rs") && file !== CODES);
/** What was written to be tested, and what tests it: unit tests come last in a file of Rust. */
const [sources, units] = rust.map((file) => read(file).split("#[cfg(test)]\nmod ")).reduce(([all, tests], [source, unit = ""]) => [all + source, tests + unit], ["", ""]);
const tests = files("tests").filter((file) => /\.(rs|mjs)$/.test(file) && !file.startsWith("tests/house/")).map(read).join("") + units;
const names = (/** @type {string} */ text, /** @type {{ variant: string, code: string }} */ { variant, code }) => new RegExp(`\\b(Code::${variant}|${code})\\b`).test(text);

test("TypeScript knows the codes that the core has", () => {
  const union = /type ErrorCode =([^;]+);/.exec(read("src/js/types/shared.d.ts"))?.[1] ?? "";
  const typed = [...union.matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 20, "there are codes");
  assert.deepEqual(typed.sort(), codes.map(({ code }) => code).sort());
});

test("every code that is given is reached by a test", () => {
  const facades = files("src/js").filter((file) => file.endsWith(".js")).map(read).join("");
  const missed = codes.filter((one) => names(sources + facades, one) && !names(tests, one));
  assert.deepEqual(missed, []);
});
