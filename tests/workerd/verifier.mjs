// The worker under test: runs one test of the verifier's suites by name, for either entry, and of the client's.

import * as jose from "jose";
import * as edge from "../../src/js/edge/workerd.js";
import * as main from "../../src/js/workerd.js";
import { testErrors } from "../suites/errors.mjs";
import { testHosts } from "../suites/hosts.mjs";
import { testVerifier } from "../suites/verifier.mjs";
import rfc7520 from "../vectors/rfc_7520.json";
import rfc9964 from "../vectors/rfc_9964.json";

/** @type {Map<string, () => Promise<void>>} */
const tests = new Map();
for (const [entry, evertoken] of Object.entries({ main, edge })) {
  const test = (/** @type {string} */ name, /** @type {() => Promise<void>} */ run) => tests.set(`${entry}: ${name}`, run);
  if (evertoken === main) testHosts({ test, evertoken });
  testVerifier({ test, evertoken, vectors: [rfc7520, rfc9964], jose });
  testErrors({ test, evertoken });
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const name = new URL(request.url).searchParams.get("test");
    if (name === null) return Response.json([...tests.keys()]);
    try {
      await tests.get(name)?.();
      return Response.json({ passed: tests.has(name) });
    } catch (error) {
      return Response.json({ passed: false, error: error instanceof Error ? error.stack : String(error) });
    }
  },
};
