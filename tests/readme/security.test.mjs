// What docs/security.md says of a theft, where no suite says so already.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";

const key = await edge.generateKey("ES256");
const store = memoryStore();
const issuer = (options = {}) =>
  edge.createIssuer({ issuer: "https://id.example", audience: "api", signingKeys: [key], secrets: ["the first of the secrets, 32 bytes"], store, ...options });
const code = (promise) => promise.then(() => "done", (error) => error.code);

test("whoever has an access token sees and ends sessions, and renews nothing", async () => {
  const tokens = await issuer().issue({ subject: "ada", clientId: "web" });
  const ask = (method, path) => issuer().handle(new Request(`https://id.example${path}`, { method, headers: { authorization: `Bearer ${tokens.access_token}` } }));
  assert.equal((await (await ask("GET", "/sessions")).json()).length, 1);
  assert.equal(await code(issuer().renew(tokens.access_token)), "ERR_OPTIONS");
  assert.equal(await code(issuer().refresh(tokens.access_token, { clientId: "web" })), "ERR_REFRESH_INVALID");
  assert.equal((await ask("DELETE", `/sessions/${tokens.session_id}`)).status, 204);
  assert.equal(await code(issuer().refresh(tokens.refresh_token, { clientId: "web" })), "ERR_REFRESH_REVOKED");
  // Until its end only those refuse it who ask.
  assert.equal(await code(issuer().verifier().verify(tokens.access_token)), "done");
  assert.equal(await code(issuer().verifier({ revocation: "session" }).verify(tokens.access_token)), "ERR_TOKEN_REVOKED");
});

test("under a secret that was taken out, tokens are answered as ones to come back with", async () => {
  const { refresh_token } = await issuer().issue({ subject: "ben", clientId: "web" });
  const error = await issuer({ secrets: ["another secret altogether, 32 bytes"] }).refresh(refresh_token, { clientId: "web" }).catch((error) => error);
  assert.deepEqual([error.code, error.reason, error.retryable], ["ERR_REFRESH_UNAVAILABLE", "secret", true]);
});

test("under a signing key that was taken out, access tokens are refused and refresh tokens go on", async () => {
  const first = await issuer().issue({ subject: "eve", clientId: "web" });
  const later = issuer({ signingKeys: [await edge.generateKey("ES256")] });
  assert.equal(await code(later.verifier().verify(first.access_token)), "ERR_JWKS_NO_MATCHING_KEY");
  const next = await later.refresh(first.refresh_token, { clientId: "web" });
  assert.equal(await code(later.verifier().verify(next.access_token)), "done");
});
