// The client with an issuer that is not ours: oidc-provider, which rotates and ends a grant whose old token comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, isTokenError } from "../../src/js/node.js";
import { oidcServer } from "./oidc-server.mjs";

const force = { forceRefresh: true };

const refreshed = (client) => new Promise((heard) => { const off = client.on("refreshed", () => (off(), heard())); });

/** A client that signed in at a server of its own, in storage that the next one finds; `pass` lets time go by for it. */
const signedIn = async (t, { life, ...options } = {}) => {
  const server = await oidcServer({ life });
  t.after(server.close);
  let skew = 0;
  const host = { now: () => Date.now() + skew, monotonic: () => performance.now() + skew };
  const items = new Map();
  const storage = { get: (key) => items.get(key) ?? null, set: (key, value) => void items.set(key, value), remove: (key) => void items.delete(key) };
  const heard = [];
  const open = () => {
    const client = createClient({ ...server.options, storage, host, autoRefresh: false, ...options });
    t.after(client.dispose);
    for (const event of ["signedIn", "refreshed", "refreshDeferred", "expiring", "ended", "warning"]) {
      client.on(event, ({ reason }) => heard.push([event, reason].filter(Boolean).join(" ")));
    }
    return client;
  };
  const client = open();
  const tokens = await server.signIn();
  await client.setTokens(tokens);
  const me = async () => (await client.fetch(`${server.origin}/me`)).status;
  return { client, server, tokens, heard, open, me, pass: (seconds) => void (skew += seconds * 1000) };
};

test("C1. oidc-provider: fifty calls with an expired token are one renewal, and each renewal brings new tokens", async (t) => {
  const { client, server, heard, me, pass } = await signedIn(t);
  assert.equal(client.getSnapshot().subject, "ann");
  const seen = new Set([await client.getAccessToken()]);
  for (let round = 1; round <= 5; round++) {
    pass(301);
    for (const token of await Promise.all(Array.from({ length: 50 }, () => client.getAccessToken()))) seen.add(token);
    assert.deepEqual([seen.size, server.posts.length], [round + 1, round]);
    assert.equal(await me(), 200);
  }
  assert.deepEqual(heard, ["signedIn", ...Array(5).fill("refreshed")]);
});

test("C13. oidc-provider: tokens that live for two seconds are renewed by themselves", async (t) => {
  const { client, server, heard, me } = await signedIn(t, { life: 2, autoRefresh: true });
  for (let round = 1; round <= 3; round++) {
    await refreshed(client);
    assert.equal(await me(), 200);
  }
  assert.deepEqual([server.posts.length, server.api], [3, [200, 200, 200]]);
  assert.deepEqual(heard, ["signedIn", "refreshed", "refreshed", "refreshed"]);
});

test("C19. oidc-provider: three requests whose token the API refuses are one renewal and three answers", async (t) => {
  const { client, server, tokens, me } = await signedIn(t);
  server.refuse(tokens.access_token);
  assert.deepEqual(await Promise.all([me(), me(), me()]), [200, 200, 200]);
  assert.deepEqual([server.posts.length, server.api], [1, [401, 401, 401, 200, 200, 200]]);
  assert.equal(client.getSnapshot().generation, 2);
});

test("C34. oidc-provider: the next client goes on with what is stored", async (t) => {
  const { client, server, tokens, open, pass } = await signedIn(t);
  client.dispose();
  const next = open();
  assert.equal(await next.getAccessToken(), tokens.access_token);
  assert.equal(server.posts.length, 0);
  pass(301);
  assert.notEqual(await next.getAccessToken(), tokens.access_token);
  assert.equal(server.posts.length, 1);
});

test("C12. oidc-provider: a refresh token that somebody else used ends the grant, and the session with its last access token", async (t) => {
  const { client, server, tokens, heard, me, pass } = await signedIn(t);
  assert.equal((await server.refresh(tokens.refresh_token)).token_type, "Bearer");
  const refused = (error) => isTokenError(error) && error.code === "ERR_REFRESH_INVALID";
  await assert.rejects(client.getAccessToken(force), refused);
  // Nobody said that it is over at once.
  assert.equal(await client.getAccessToken(), tokens.access_token);
  assert.equal(await me(), 200);
  assert.equal(client.getSnapshot().status, "active");
  pass(301);
  await assert.rejects(client.getAccessToken(), refused);
  assert.equal(await client.getAccessToken(), null);
  assert.deepEqual(heard, ["signedIn", "expiring refused", "ended refused"]);
  assert.equal(client.getSnapshot().endReason, "refused");
});

test("C24. oidc-provider: a sign-out revokes the grant there", async (t) => {
  const { client, server, tokens, heard } = await signedIn(t);
  await client.signOut();
  assert.equal(await client.getAccessToken(), null);
  assert.equal((await server.refresh(tokens.refresh_token)).error, "invalid_grant");
  assert.deepEqual(heard, ["signedIn", "ended signedOut"]);
});
