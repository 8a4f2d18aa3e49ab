// The worker under test: the suite of remote keys, and verifiers that live as long as the isolate does.

import * as edge from "../../src/js/edge/workerd.js";
import * as main from "../../src/js/workerd.js";
import { testRemote } from "../suites/remote.mjs";

const entries = { main, edge };

/** @type {Map<string, () => Promise<void>>} */
const tests = new Map();
for (const [entry, evertoken] of Object.entries(entries)) {
  testRemote({ test: (name, run) => tests.set(`${entry}: ${name}`, run), evertoken, isolated: true });
}

/** @type {Map<string, any>} */
const verifiers = new Map();

/** One verifier for each set of options, made by whichever request comes first. */
const verifierOf = (/** @type {string} */ text) => {
  const { entry, ...keys } = JSON.parse(text);
  if (!verifiers.has(text)) verifiers.set(text, entries[entry].createVerifier({ keys }));
  return verifiers.get(text);
};

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("test");
    const options = searchParams.get("verifier");
    try {
      if (name !== null) return await tests.get(name)(), Response.json({ passed: true });
      if (options === null) return Response.json([...tests.keys()]);
      const { verify } = verifierOf(options);
      const times = Number(searchParams.get("times"));
      await Promise.all(Array.from({ length: times }, () => verify(searchParams.get("token"))));
      return Response.json({ passed: true });
    } catch (error) {
      return Response.json({ passed: false, code: error.code, error: error instanceof Error ? error.stack : String(error) });
    }
  },
};
