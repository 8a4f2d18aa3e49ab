// The verifier's suite in Node, over both entries.

import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as jose from "jose";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { testVerifier } from "../suites/verifier.mjs";

const vectors = ["rfc_7515", "rfc_7520", "rfc_8037", "rfc_9964"].map((name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")));

for (const [entry, evertoken] of Object.entries({ main, edge })) {
  testVerifier({ test: (name, run) => test(`${entry}: ${name}`, run), evertoken, vectors, jose });
}
