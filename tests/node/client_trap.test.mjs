// A wasm instance that traps is replaced at the next call, with what storage holds (C49).

import assert from "node:assert/strict";
import { test } from "node:test";
import * as glue from "../../pkg/evertoken.js";
import { createSigner, generateKey, publicJwk } from "../../src/js/edge/node.js";
import { createClient, createVerifier } from "../../src/js/node.js";
import { tokenServer } from "./token-server.mjs";

/** Leaves the instance as a failure in its midst could: all is borrowed, and all pointers lead nowhere, so the next use traps. */
const spoil = () => new Uint8Array(glue.initSync().memory.buffer).fill(1);

async function signedIn(t, options) {
  const server = await tokenServer(options?.server);
  const client = createClient({ ...server.options, storage: "memory", ...options?.client });
  t.after(() => (client.dispose(), server.close()));
  await client.setTokens(server.tokens());
  return { client, server };
}

const force = { forceRefresh: true };

test("C49. the next call works on a fresh instance, with what is stored", async (t) => {
  const { client, server } = await signedIn(t);
  await client.getAccessToken(force);
  const { access_token: token } = server.tokens();
  for (const call of [
    () => client.getAccessToken(),
    () => client.fetch(`${server.origin}/me`).catch(({ code, retryable }) => assert.deepEqual([code, retryable], ["ERR_NOT_READY", true])),
    () => client.setTokens(server.tokens()),
    () => client.getClaims(),
  ]) {
    spoil();
    await call();
    assert.equal(await client.getAccessToken(), token);
    assert.equal((await client.fetch(`${server.origin}/me`)).status, 200);
    assert.equal(client.getClaims().sub, "ann");
  }
  assert.equal(server.seen.token.length, 1);
  assert.ok(server.seen.api.every(({ authorization }) => authorization === `Bearer ${token}`), "no request lost its token");
  spoil();
  await client.signOut();
  assert.equal(server.seen.revoke.length, 1);
  assert.equal(await client.getAccessToken(), null);
});

test("C49. whoever waits for a refresh is served by the next session, with the same attempt", async (t) => {
  let go = () => {};
  const wait = new Promise((resolve) => (go = resolve));
  const { client, server } = await signedIn(t, { server: { fault: (name, count) => name === "token" && count === 1 && { wait } } });
  const waiting = client.getAccessToken(force);
  while (server.seen.token.length === 0) await new Promise((done) => setTimeout(done, 5));
  spoil();
  const other = client.getAccessToken(force);
  go();
  assert.deepEqual(await Promise.all([waiting, other]), [server.tokens().access_token, server.tokens().access_token]);
  const [first, second] = server.seen.token.map((form) => form.get("attempt"));
  assert.equal(first, second);
  assert.equal(client.getSnapshot().status, "active");
});

test("C49. other clients and verifiers of the same instance go on as well", async (t) => {
  const key = await generateKey("ES256");
  const token = await createSigner({ key, expiresIn: 300 }).sign({ sub: "ann" });
  const verifier = createVerifier({ keys: publicJwk(key) });
  await verifier.verify(token);
  const [one, two] = [await signedIn(t), await signedIn(t)];
  spoil();
  await one.client.getAccessToken();
  assert.equal((await verifier.verify(token)).claims.sub, "ann");
  assert.equal(await two.client.getAccessToken(force), two.server.tokens().access_token);
  spoil();
  await verifier.verify(token).catch(() => {});
  assert.equal((await verifier.verify(token)).claims.sub, "ann");
  assert.equal(await two.client.getAccessToken(force), two.server.tokens().access_token);
  verifier.dispose();
});

test("C49. a timer that fires into a spoilt instance breaks nothing", async (t) => {
  const { client, server } = await signedIn(t, { server: { expiresIn: 1 } });
  spoil();
  await new Promise((done) => setTimeout(done, 1_000));
  assert.equal(await client.getAccessToken(), server.tokens().access_token);
  assert.equal(server.seen.token.length, 1);
});
