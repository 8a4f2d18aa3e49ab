// From the verifier that refuses, over HTTP, to the client that is refused; and at_hash with every algorithm's hash.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { examples, readersFolder } from "../readme/blocks.mjs";
import { world } from "../suites/world.mjs";
import { tokenServer } from "./token-server.mjs";

const secret = new Uint8Array(32).fill(7);
const signer = edge.createSigner({ key: { kty: "oct", alg: "HS256", k: Buffer.from(secret).toString("base64url") }, expiresIn: 60 });
const refusal = async (claims, options) =>
  edge.createVerifier({ keys: { secret, alg: "HS256" }, ...options }).verify(await signer.sign(claims)).then(() => assert.fail("accepted"), (error) => error);

/** What our client makes of an answer 401 with the challenge for `error`: the answer, and how often it refreshed. */
async function answered(t, error) {
  const headers = { "www-authenticate": edge.challenge(error, { realm: "api" }) };
  const server = await tokenServer({ fault: (name) => (name === "me" ? { status: 401, headers } : undefined) });
  const client = main.createClient({ ...server.options, storage: "memory" });
  t.after(() => (client.dispose(), server.close()));
  await client.setTokens(server.tokens());
  const response = await client.fetch(`${server.origin}/me`);
  return { response, refreshes: server.seen.token.length, requests: server.seen.api.length };
}

test("C50: a challenge that asks for step-up reaches the caller, and nothing is refreshed", async (t) => {
  for (const options of [{ acrValues: ["mfa"] }, { maxAuthAge: 60 }]) {
    const { response, refreshes, requests } = await answered(t, await refusal({}, options));
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate"), /^Bearer realm="api", error="insufficient_user_authentication", .*(acr_values="mfa"|max_age="60")$/);
    assert.deepEqual([refreshes, requests], [0, 1]);
  }
});

test("C50: a challenge for a token that is refused is worth a refresh", async (t) => {
  for (const error of [await refusal({ exp: 1 }), await refusal({}, { audience: "a" }), undefined]) {
    const { response, refreshes, requests } = await answered(t, error);
    assert.deepEqual([response.status, refreshes, requests], [401, 1, 2]);
  }
});

test("the README's verifier answers with a challenge", async (t) => {
  const { path, write, remove } = readersFolder();
  t.after(remove);
  const key = await edge.generateKey("ES256");
  write("keys.js", `export const keys = ${JSON.stringify({ keys: [edge.publicJwk(key)] })};`);
  write("api.js", examples("README.md")["api.js"]);
  const { answer } = await import(pathToFileURL(path("api.js")).href);

  const issuer = edge.createSigner({ key, typ: "at+jwt", issuer: "https://id.example", audience: "https://api.example", expiresIn: 60 });
  const asked = async (claims) => {
    const token = await issuer.sign({ sub: "ada", client_id: "web", jti: "1", ...claims });
    return answer(new Request("https://api.example/", { headers: { authorization: `Bearer ${token}` } }));
  };
  const now = Math.floor(Date.now() / 1000);
  assert.deepEqual(await (await asked({ auth_time: now })).json(), { subject: "ada" });
  const said = async (response) => [(await response).status, (await response).headers.get("www-authenticate")];
  assert.deepEqual(await said(answer(new Request("https://api.example/"))), [401, "Bearer"]);
  assert.deepEqual(await said(asked({ exp: 1 })), [401, 'Bearer error="invalid_token", error_description="The access token expired"']);
  assert.match((await said(asked({ auth_time: now - 400 })))[1], /^Bearer error="insufficient_user_authentication", .*, max_age="300"$/);
});

test("an issuer's own tokens are RFC 9068's, and a step-up that was asked for is over once it was given", async () => {
  const { issuer, signIn, refresh, clock } = await world({ edge, makeStore: memoryStore });
  const { verify } = issuer.verifier({ profile: "at+jwt" });
  const strong = { acrValues: ["mfa"], maxAuthAge: 60 };
  const tokens = await signIn({ acr: "pwd" });
  assert.equal((await verify(tokens.access_token)).claims.acr, "pwd");
  await assert.rejects(verify(tokens.access_token, strong), { code: "ERR_STEP_UP_REQUIRED", claim: "acr" });
  clock.pass(100);
  await assert.rejects(verify(tokens.access_token, { maxAuthAge: 60 }), { code: "ERR_STEP_UP_REQUIRED", claim: "auth_time" });
  await issuer.elevate(tokens.session_id, { acr: "mfa" });
  const next = await refresh(tokens);
  assert.equal((await verify(next.access_token, strong)).claims.acr, "mfa");
});

test("a host that cannot hash says so in an error of ours", async ({ mock }) => {
  const key = await edge.generateKey("ES256");
  const token = await edge.createSigner({ key, expiresIn: 60 }).sign({ at_hash: "x" });
  mock.method(crypto.subtle, "digest", () => Promise.reject(new DOMException("no such hash", "NotSupportedError")));
  const verifying = main.createVerifier({ keys: edge.publicJwk(key) }).verify(token, { accessToken: "x" });
  await assert.rejects(verifying, (error) => main.isTokenError(error) && error.code === "ERR_JOSE_NOT_SUPPORTED");
});

const hashes = {
  HS256: "sha256", HS384: "sha384", HS512: "sha512", RS256: "sha256", RS384: "sha384", RS512: "sha512", PS256: "sha256", PS384: "sha384", PS512: "sha512",
  ES256: "sha256", ES384: "sha384", ES512: "sha512", ES256K: "sha256", EdDSA: "sha512", Ed25519: "sha512", "ML-DSA-44": "shake256", "ML-DSA-65": "shake256", "ML-DSA-87": "shake256",
};

for (const [alg, hash] of Object.entries(hashes)) {
  test(`V4: at_hash of an ID token signed with ${alg} is half of ${hash}`, async () => {
    const key = await edge.generateKey(alg);
    const accessToken = "an access token, é, of any length ".repeat(9);
    const digest = createHash(hash, hash === "shake256" ? { outputLength: 64 } : {}).update(accessToken).digest();
    const at_hash = digest.subarray(0, digest.length / 2).toString("base64url");
    const token = await edge.createSigner({ key, issuer: "i", audience: "a", expiresIn: 60 }).sign({ sub: "me", at_hash });
    const keys = alg.startsWith("HS") ? key : edge.publicJwk(key);
    for (const { createVerifier } of [main, edge]) {
      const verifier = createVerifier({ keys, profile: "id_token", issuer: "i", audience: "a" });
      const verified = await verifier.verify(token, { accessToken }).catch((error) => error);
      // Hosts without the algorithm have nothing to verify with in the one entry.
      if (verified.code === "ERR_JOSE_NOT_SUPPORTED" && createVerifier === main.createVerifier && /^(ES256K|ML)/.test(alg)) continue;
      assert.equal(verified.claims?.at_hash, at_hash, String(verified));
      await assert.rejects(verifier.verify(token, { accessToken: `${accessToken}.` }), { claim: "at_hash", reason: "check_failed" });
    }
    if (alg !== "ES512") assert.equal(edge.createVerifier({ keys }).verifySync(token, { accessToken }).claims.at_hash, at_hash);
  });
}
