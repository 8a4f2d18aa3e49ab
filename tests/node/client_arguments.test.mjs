// What a client makes of what it is given: by its application, by storage and by servers, right or wrong.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { createClient, isTokenError, TokenError } from "../../src/js/node.js";
import { generateKey, publicJwk } from "../../src/js/edge/node.js";
import { accessToken } from "./token-server.mjs";

const force = { forceRefresh: true };
const held = accessToken({ sub: "ann", sid: "h.s", iat: 1e9, exp: 1e9 + 300 });
const TOKENS = { access_token: held, refresh_token: "r0", expires_in: 300, session_id: "h.s" };

const refusal = (code, more = {}) => (error) => {
  assert.ok(isTokenError(error), String(error?.stack ?? error));
  assert.deepEqual({ code: error.code, ...Object.fromEntries(Object.keys(more).map((name) => [name, error[name]])) }, { code, ...more });
  return true;
};

/** A client whose requests are answered by `answer`, and what it told. */
const open = (t, options = {}, answer = () => new Response(null)) => {
  const requests = [];
  const fetch = async (input, init) => {
    requests.push(new Request(input, init));
    return answer(requests.length);
  };
  const client = createClient({
    tokenEndpoint: "https://issuer.example/token", origins: ["https://api.example"], storage: "memory", ...options,
    host: { random: () => 0.5, fetch, ...options.host },
  });
  t.after(client.dispose);
  const ends = [];
  client.on("ended", ({ reason }) => ends.push(reason));
  return { client, requests, ends };
};

const adapter = (more) => {
  const items = new Map();
  return { get: (key) => items.get(key) ?? null, set: (key, value) => void items.set(key, value), remove: (key) => void items.delete(key), ...more };
};

test("ready waits until slow storage was read", async (t) => {
  const storage = adapter();
  const { client } = open(t, { storage });
  await client.setTokens(TOKENS);
  client.dispose();
  const slow = { ...storage, get: async (key) => (await sleep(30), storage.get(key)) };
  const next = open(t, { storage: slow }).client;
  assert.equal(next.getSnapshot().status, "loading");
  await next.ready;
  assert.equal(next.getSnapshot().status, "active");
  const disposed = open(t, { storage: { ...storage, get: () => new Promise(() => {}) } }).client;
  const waiting = disposed.ready;
  disposed.dispose();
  await waiting;
});

test("storage whose subscription cannot be ended is no reason to fail", async (t) => {
  for (const subscribe of [() => 7, async () => () => {}, () => undefined]) {
    const { client } = open(t, { storage: adapter({ subscribe }) });
    await client.setTokens(TOKENS);
    client.dispose();
  }
});

test("wrong rules for received tokens are reported by ready and by every method", async (t) => {
  const key = publicJwk(await generateKey("ES256"));
  for (const [verify, option] of [[{}, "verify.keys"], [{ keys: key, isuer: "x" }, "verify.isuer"], [{ keys: key, clockTolerance: -1 }, "verify.clockTolerance"]]) {
    const { client } = open(t, { verify });
    for (const call of [() => client.ready, () => client.getAccessToken(), () => client.setTokens(TOKENS)]) {
      await assert.rejects(call(), refusal("ERR_OPTIONS", { option }));
    }
  }
  const { client } = open(t, { verify: { keys: { kty: "oct", k: "AA" } } });
  await assert.rejects(client.ready, refusal("ERR_JWK_INVALID"));
  await open(t, { verify: { keys: key, fallback: () => import("../../src/js/edge/node.js") } }).client.ready;
});

test("a header that no answer can have is no option", async (t) => {
  await assert.rejects(open(t, { renewedTokenHeader: "renewed token" }).client.ready, refusal("ERR_OPTIONS", { option: "renewedTokenHeader" }));
});

test("whoever listens to nothing, or with nothing, is told", (t) => {
  const { client } = open(t);
  assert.throws(() => client.on("signedout", () => {}), refusal("ERR_OPTIONS", { option: "event" }));
  assert.throws(() => client.on("ended"), refusal("ERR_OPTIONS", { option: "listener" }));
  assert.throws(() => client.subscribe(null), refusal("ERR_OPTIONS", { option: "listener" }));
});

test("a sign-out needs no options, and no session", async (t) => {
  const { client, requests } = open(t, { sessionsEndpoint: "https://issuer.example/sessions" });
  await client.setTokens(TOKENS);
  await client.signOut(null);
  assert.equal(client.getSnapshot().status, "signedOut");
  await client.signOut();
  for (const scope of ["others", "all"]) await assert.rejects(client.signOut({ scope }), refusal("ERR_SESSION_ENDED", { retryable: false }));
  assert.equal(requests.length, 0, "nobody's sessions are ended by nobody");
});

test("an error of the token endpoint says what it answered", async (t) => {
  for (const [status, body, message] of [[503, "", /cannot refresh now/], [404, "<html>", /cannot refresh now/], [401, '{"error":"invalid_client"}', /compare clientId/], [200, "<html>", /holds no tokens/]]) {
    const { client } = open(t, {}, () => new Response(body, { status }));
    await client.setTokens(TOKENS);
    await assert.rejects(client.getAccessToken(force), (error) => refusal("ERR_REFRESH_UNAVAILABLE", { status, retryable: true })(error) && message.test(error.message));
    assert.equal(client.getSnapshot().lastError.status, status);
  }
});

test("a token that no header can carry is refused where it is received", async (t) => {
  for (const access_token of ["a\r\nb", "tökén", "a\u0000"]) {
    const { client } = open(t, {}, () => Response.json({ ...TOKENS, access_token }));
    await assert.rejects(client.setTokens({ ...TOKENS, access_token }), refusal("ERR_OPTIONS", { option: "response" }));
    await client.setTokens(TOKENS);
    await assert.rejects(client.getAccessToken(force), refusal("ERR_REFRESH_UNAVAILABLE"));
    assert.equal(await client.getAccessToken(), held);
  }
});

test("an answer without a refresh token leaves the one at hand", async (t) => {
  for (const refresh_token of [undefined, null, ""]) {
    const { client, requests } = open(t, {}, (count) => Response.json({ ...TOKENS, access_token: `opaque${count}`, refresh_token }));
    await client.setTokens(TOKENS);
    for (const next of ["opaque1", "opaque2"]) assert.equal(await client.getAccessToken(force), next);
    assert.match(await requests[1].text(), /refresh_token=r0/);
  }
});

test("more life than any token has is no refresh for every call", async (t) => {
  const { client, requests } = open(t, {}, (count) => Response.json({ ...TOKENS, access_token: `opaque${count}` }));
  await client.setTokens(TOKENS);
  for (const minValidity of [301, 1e6, Infinity]) assert.equal(await client.getAccessToken({ minValidity }), held);
  assert.equal(requests.length, 0);
});

test("C22. whoever waits for a token may give up, and the refresh goes on", async (t) => {
  /** @type {(response: Response) => void} */
  let answer = () => {};
  const { client, requests } = open(t, {}, () => new Promise((done) => (answer = done)));
  await client.setTokens(TOKENS);
  await assert.rejects(client.getAccessToken({ signal: {} }), refusal("ERR_OPTIONS", { option: "signal" }));
  await assert.rejects(client.getAccessToken({ ...force, signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(requests.length, 0);
  const controller = new AbortController();
  const waiting = client.getAccessToken({ ...force, signal: controller.signal });
  while (requests.length === 0) await sleep(1);
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  answer(Response.json({ ...TOKENS, access_token: "opaque" }));
  assert.equal(await client.getAccessToken({ ...force, signal: new AbortController().signal }), "opaque");
  assert.equal(requests.length, 1);
});

test("a client that cannot renew plans no renewal", async (t) => {
  for (const options of [{ tokenEndpoint: undefined }, {}]) {
    const { client } = open(t, options);
    await client.setTokens({ ...TOKENS, ...(options.tokenEndpoint === undefined && "tokenEndpoint" in options ? {} : { refresh_token: undefined }) });
    const { expiresAt, refreshAt } = client.getSnapshot();
    assert.ok(expiresAt > 0);
    assert.equal(refreshAt, undefined);
    assert.equal(await client.getAccessToken(force), held, "there is no better one");
  }
});

test("an application's own refresh may fail in any way", async (t) => {
  const hostile = new Proxy({}, { get: () => { throw new Error("not even that"); } });
  for (const thrown of [null, "no", 7, new Error("no"), hostile, { get error() { throw new Error("no"); } }]) {
    const { client, ends } = open(t, { refresh: () => { throw thrown; } });
    await client.setTokens(TOKENS);
    await assert.rejects(client.getAccessToken(force), refusal("ERR_REFRESH_UNAVAILABLE", { retryable: true }));
    assert.deepEqual(ends, []);
  }
  for (const [code, reason, end] of [
    ["ERR_REFRESH_REVOKED", undefined, "revoked"], ["ERR_REFRESH_REVOKED", "evicted", "evicted"], ["ERR_TOKEN_REVOKED", undefined, "revoked"], ["ERR_REFRESH_REUSED", undefined, "reuse"],
    ["ERR_REFRESH_EXPIRED", "idle", "idle"], ["ERR_REFRESH_EXPIRED", "absolute", "expired"], ["ERR_SESSION_ENDED", undefined, "expired"],
  ]) {
    const { client, ends } = open(t, { autoRefresh: false, refresh: async () => { throw new TokenError({ code, message: "over", reason }); } });
    await client.setTokens({ ...TOKENS, expires_in: 0 });
    await assert.rejects(client.getAccessToken(), isTokenError);
    assert.deepEqual(ends, [end], `${code} ${reason}`);
  }
});
