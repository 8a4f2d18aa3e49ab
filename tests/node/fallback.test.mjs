// The suite of fallbacks in Node, whose WebCrypto has neither ES256K nor, yet, ML-DSA-44.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { testFallback } from "../suites/fallback.mjs";

const lacks = async (/** @type {string} */ alg) => {
  const keys = edge.publicJwk(await edge.generateKey(alg));
  const token = await edge.createSigner({ key: await edge.generateKey(alg) }).sign({}, { expiresIn: 60 });
  return main.createVerifier({ keys }).verify(token).then(() => false, ({ code }) => code === "ERR_JOSE_NOT_SUPPORTED");
};
const candidates = await Promise.all(["ES256K", "ML-DSA-44"].map(async (alg) => ({ alg, lacking: await lacks(alg) })));
testFallback({ test, main, edge, algorithms: candidates.filter(({ lacking }) => lacking).map(({ alg }) => alg) });

test("evertoken names evertoken/edge in no import", () => {
  for (const file of ["main.js", "fallback.js", "verifier.js", "client.js", "node.js", "browser.js"]) {
    assert.doesNotMatch(readFileSync(new URL(`../../src/js/${file}`, import.meta.url), "utf8"), /from "\.\/edge/);
  }
});
