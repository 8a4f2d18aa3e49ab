// The table of docs/simulation.md, each row simulated anew: the README's figures are taken from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../../scripts/lib/run.mjs";
import { read } from "../blocks.mjs";

const page = read("docs/simulation.md");
const rows = [...page.matchAll(/^\| (?:\(evertoken\)|`(--[^`]+)`[^|]*) \|(.*)\|$/gm)].map(([, options = "", cells]) => ({ options, said: cells.split("|").map((cell) => cell.trim()) }));
const simulate = ["run", "--quiet", "--locked", "--profile", "sim", "--package", "evertoken-sim", "--", "--seed", "1", "--days", "20000"];

test("the table has evertoken and its rivals", () => assert.equal(rows.length, 5));

for (const { options, said } of rows) {
  test(`20,000 device-days of seed 1, ${options || "evertoken"}`, { timeout: 600_000 }, async () => {
    const output = await run("cargo", [...simulate, ...options.split(" ").filter(Boolean)]);
    const count = (/** @type {RegExp} */ line) => Number(line.exec(output)?.[1]);
    const signedOut = count(/^ {2}involuntary sign-outs +(\d+)/m);
    const days = count(/^ {2}device-days +(\d+)/m);
    const found = [signedOut.toLocaleString("en"), (signedOut / days || 0).toFixed(2), String(count(/^ {2}thefts unseen +(\d+)/m)), String(count(/^ {2}expired ones of them +(\d+)/m))];
    if (found[0] === "0") found[1] = "0";
    assert.deepEqual(said, found);
    if (options) return;
    const apart = count(/^ {2}storage rolled back +(\d+)/m);
    assert.equal(Number(/storage went back too far, of which the first has (\d+)\./.exec(page)?.[1]), apart);
    // Nothing else is set apart where nothing else was asked for.
    assert.doesNotMatch(output, /clock was set|for want of room/);
  });
}
