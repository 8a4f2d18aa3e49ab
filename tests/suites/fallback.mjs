// What the host cannot compute, verified by the module behind it.

import { equal, ok, refused } from "./check.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, main: any, edge: any, algorithms: string[] }} runtime
 *   `algorithms` are those that this host lacks
 */
export const testFallback = ({ test, main, edge, algorithms }) => {
  /** A key of this algorithm, a token of it, and what counts the loads. */
  const world = async (alg, options = {}) => {
    const key = await edge.generateKey(alg, { kid: "a" });
    const token = await edge.createSigner({ key }).sign({ sub: "u", aud: "x" }, { expiresIn: 60 });
    const loads = { count: 0 };
    const fallback = async () => (loads.count++, edge);
    return { token, loads, keys: edge.publicJwk(key), verifier: main.createVerifier({ keys: edge.publicJwk(key), fallback, ...options }) };
  };
  const changed = (/** @type {string} */ token) => token.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === "A" ? "B" : "A"}${rest}`);

  for (const alg of algorithms) {
    test(`V1: ${alg}, which the host lacks, is verified by the fallback, loaded once and not before`, async () => {
      const { token, loads, keys, verifier } = await world(alg, { audience: "x" });
      const { ready, verify, verifySignature } = verifier;
      await ready;
      equal(loads.count, 0);
      const answers = await Promise.all([verify(token), verify(token), verifySignature(token)]);
      equal(answers[0].claims.sub, "u");
      ok(Object.isFrozen(answers[0].claims), "frozen");
      equal(JSON.parse(new TextDecoder().decode(answers[2].payload)).sub, "u");
      await verify(token);
      equal(loads.count, 1);

      const invalid = { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" };
      await refused(verify(changed(token)), invalid);
      await refused(verifySignature(changed(token)), invalid);
      await refused(verify(token, { audience: "y" }), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: "aud" });

      verifier.dispose();
      await refused(verify(token), { code: "ERR_NOT_READY", retryable: false });
      const without = main.createVerifier({ keys });
      const error = await refused(without.verify(token), { code: "ERR_JOSE_NOT_SUPPORTED" });
      ok(/evertoken\/edge|https/.test(error.message), error.message);
    });
  }

  const [alg] = algorithms;

  test("V5: with the keys of a server", async () => {
    const { token, keys, loads } = await world(alg);
    const fetch = async () => Response.json({ keys: [keys] });
    const { verify } = main.createVerifier({ keys: { url: "https://issuer.example/jwks", fetch }, fallback: async () => (loads.count++, edge) });
    equal((await verify(token)).claims.sub, "u");
    equal((await verify(token)).claims.sub, "u");
    equal(loads.count, 1);
  });

  test("a load that failed is tried again by the next call", async () => {
    let loads = 0;
    const { token, verifier: { verify } } = await world(alg, {
      fallback: async () => {
        if (loads++ === 0) throw new TypeError("offline");
        return edge;
      },
    });
    const [one, other] = [verify(token), verify(token)];
    const { cause } = await refused(one, { code: "ERR_NOT_READY", retryable: true });
    equal(cause.message, "offline");
    await refused(other, { code: "ERR_NOT_READY", retryable: true });
    equal(loads, 1);
    equal((await verify(token)).claims.sub, "u");
    equal(loads, 2);
  });

  test("what is no module with createVerifier is a wrong option", async () => {
    const wrong = { code: "ERR_OPTIONS", option: "fallback" };
    for (const fallback of [async () => ({}), async () => undefined]) {
      const { token, verifier } = await world(alg, { fallback });
      await verifier.ready;
      await refused(verifier.verify(token), wrong);
      await refused(verifier.verifySignature(token), wrong);
    }
    for (const fallback of [edge, "evertoken/edge", null]) {
      const { token, verifier } = await world(alg, { fallback });
      await refused(verifier.ready, wrong);
      await refused(verifier.verify(token), wrong);
    }
  });

  test("what no module can answer better loads none", async () => {
    const { token, loads, verifier: { verify } } = await world(alg);
    await refused(verify("no token"), { code: "ERR_JWS_INVALID" });
    const header = btoa(JSON.stringify({ alg, crit: ["x"], x: 1 })).replaceAll("=", "");
    await refused(verify(token.replace(/^[^.]*/, header)), { code: "ERR_JOSE_NOT_SUPPORTED", claim: "crit" });
    equal(loads.count, 0);
  });

  test("a verifier that is disposed of while its fallback loads answers nothing", async () => {
    let arrive = (/** @type {any} */ _module) => {};
    const { token, verifier } = await world(alg, { fallback: () => new Promise((resolve) => (arrive = resolve)) });
    const answer = verifier.verify(token);
    const idle = () => new Promise((resolve) => setTimeout(resolve, 20));
    await idle();
    verifier.dispose();
    arrive(edge);
    await refused(answer, { code: "ERR_NOT_READY" });
  });
};
