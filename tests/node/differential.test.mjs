// V7, the sample: what a million cases show with `npm run differential`, a few thousand show here.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { compare } from "../differential/compare.mjs";
import { differences, lacks } from "../differential/differences.mjs";
import { names } from "../differential/keys.mjs";

test("every engine of evertoken and jose accept and refuse alike, for the same reasons", async () => {
  const { mismatches, used, answers } = await compare({ seed: 61, from: 0, to: 4000 });
  assert.deepEqual(mismatches, []);
  assert.ok(answers.accepted > 500, "many cases are accepted");
  const rare = [...lacks, ...differences].filter((difference) => difference.rare).map(({ name }) => name);
  const unused = Object.entries(used).filter(([name, times]) => times === 0 && !rare.includes(name)).map(([name]) => name);
  assert.deepEqual(unused, [], "every documented difference is met");
});

test("so they do where node:crypto computes", () => {
  const program = `
    import { compare } from ${JSON.stringify(new URL("../differential/compare.mjs", import.meta.url).href)};
    const { mismatches, answers } = await compare({ seed: 32, from: 0, to: 1000 });
    console.log(JSON.stringify([mismatches, answers.accepted > 100]));
  `;
  const env = { ...process.env, NODE_CRYPTO: "1" };
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", env });
  assert.deepEqual(JSON.parse(said), [[], true]);
});

test("a case is the same whenever it is asked for", async () => {
  const whole = await compare({ seed: 21, from: 0, to: 64 });
  const parts = [await compare({ seed: 21, from: 0, to: 33 }), await compare({ seed: 21, from: 33, to: 64 })];
  for (const code of Object.keys(whole.answers)) {
    assert.equal(parts.reduce((sum, { answers }) => sum + (answers[code] ?? 0), 0), whole.answers[code], code);
  }
});

test("every algorithm takes part", () => {
  const standard = ["HS", "RS", "PS"].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}${bits}`));
  const others = ["ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];
  assert.deepEqual([...names].sort(), [...standard, ...others].sort());
});
