// V6 in Node: the suite over both entries, and an issuer's verifier, whose question is asked at every hit.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testCache } from "../suites/cache.mjs";

for (const [entry, evertoken] of Object.entries({ main, edge })) {
  testCache({ test: (name, run) => test(`${entry}: ${name}`, run), evertoken });
}

const world = async (alg = "ES256") => {
  const store = memoryStore();
  let reads = 0;
  const counted = { ...store, capabilities: store.capabilities, get: (key) => (reads++, store.get(key)), compareAndSet: (...write) => store.compareAndSet(...write) };
  const issuer = edge.createIssuer({
    issuer: "https://issuer.example", audience: "https://api.example", signingKeys: [await edge.generateKey(alg)], secrets: ["s".repeat(32)], store: counted,
  });
  const signIn = () => issuer.issue({ subject: "me", clientId: "web" });
  return { issuer, signIn, reads: () => reads };
};

for (const alg of ["ES256", "HS256"]) {
  test(`V6, ${alg}: a kept token asks the store once at each hit, and its session's end is seen`, async () => {
    const { issuer, signIn, reads } = await world(alg);
    const { access_token: token, session_id } = await signIn();
    const { verify, verifySync } = issuer.verifier({ revocation: "session" });
    const first = await verify(token);
    const before = reads();
    assert.equal(await verify(token), first);
    assert.equal(await verify(token, { audience: "https://api.example" }).then((answer) => answer.claims.sub), "me");
    assert.equal(reads() - before, 2);
    assert.throws(() => verifySync(token), { code: "ERR_SYNC_UNAVAILABLE" });
    await assert.rejects(verify(token, { audience: "https://other.example" }), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: "aud" });
    assert.equal(await verify(token), first);
    await issuer.revokeSession(session_id);
    for (let n = 0; n < 2; n++) await assert.rejects(verify(token), { code: "ERR_TOKEN_REVOKED" });
  });

  test(`V6, ${alg}: permissions that changed are seen by the next hit, and so is a single token's revocation`, async () => {
    const { issuer, signIn } = await world(alg);
    const { verify } = issuer.verifier({ revocation: "session" });
    const [one, other] = [await signIn(), await signIn()].map((tokens) => tokens.access_token);
    for (const token of [one, other]) assert.equal(await verify(token), await verify(token));
    await issuer.revoke(one);
    await assert.rejects(verify(one), { code: "ERR_TOKEN_REVOKED" });
    await verify(other);
    await issuer.bumpPermissions("me");
    await assert.rejects(verify(other), { code: "ERR_TOKEN_STALE" });
  });
}

test("V6: an issuer's verifier takes the option cache", async () => {
  const { issuer, signIn } = await world();
  const { access_token: token } = await signIn();
  const { verify } = issuer.verifier({ cache: 5 });
  assert.equal(await verify(token), await verify(token));
  const uncached = issuer.verifier({ cache: false });
  assert.notEqual(await uncached.verify(token), await uncached.verify(token));
  assert.throws(() => issuer.verifier({ cache: "5" }).verifySync(token), { code: "ERR_OPTIONS", option: "cache" });
});
