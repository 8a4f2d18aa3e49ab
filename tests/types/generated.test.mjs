// The declarations that are written by hand, beside those that wasm-bindgen writes of what is really there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (/** @type {string} */ file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** The names of the members of a class or an interface. */
const members = (/** @type {string} */ text, /** @type {string} */ name) => {
  const [body] = text.slice(text.search(new RegExp(`^export (class|interface) ${name}\\b`, "m"))).split("\n}");
  const names = [...body.matchAll(/^ {2,4}(?:readonly )?(\w+)[<(:]/gm)].map(([, member]) => member);
  assert.ok(names.length > 1, `${name} has members`);
  return names.filter((member) => member !== "constructor" && member !== "free").sort();
};

const edge = read("pkg/evertoken_edge.d.ts");
const written = read("src/js/types/edge.d.ts");

for (const name of ["Issuer", "AttemptLimiter"]) {
  test(`${name}: what is declared is what is there, and the other way round`, () => {
    assert.deepEqual(members(written, name), members(edge, name));
  });
}

// The facades keep these for themselves, or are these by themselves.
const byFacade = ["ready", "dispose"];
for (const [name, text, module] of /** @type {const} */ ([["Signer", written, edge], ["Verifier", read("src/js/types/shared.d.ts"), edge], ["Verifier", read("src/js/types/shared.d.ts"), read("pkg/evertoken.d.ts")]])) {
  test(`${name}: every declared method is there`, () => {
    const there = members(module, name);
    assert.deepEqual(members(text, name).filter((member) => !there.includes(member) && !byFacade.includes(member)), []);
  });
}

test("every function of evertoken/edge that is one in wasm is declared", () => {
  const functions = (/** @type {string} */ text) => [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  const declared = [...functions(written), ...functions(read("src/js/types/shared.d.ts"))];
  // Of the glue, and of its shell.
  const internal = ["initSync", "base64url"];
  assert.deepEqual(functions(edge).filter((name) => !declared.includes(name) && !internal.includes(name) && !name.startsWith("__")), []);
});
