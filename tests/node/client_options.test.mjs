// What a client can be told: how it starts, what it checks, what it tells, and how it signs out.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { createClient } from "../../src/js/node.js";
import { createSigner, generateKey, publicJwk } from "../../src/js/edge/node.js";
import { accessToken, tokenServer } from "./token-server.mjs";

const force = { forceRefresh: true };

async function served(t, options) {
  const server = await tokenServer(options);
  t.after(server.close);
  const open = (options) => {
    const client = createClient({ ...server.options, storage: "memory", ...options });
    t.after(client.dispose);
    return client;
  };
  return { server, open };
}

/** As `navigator.locks`, for what the client asks of it at start. */
const locksOf = () => {
  const names = new Map();
  return { request: (name, ...rest) => (names.has(name) || names.set(name, lockOf()), names.get(name)(...rest)) };
};
const lockOf = () => {
  const held = [];
  const waiting = [];
  const grant = () => {
    while (waiting.length > 0 && (held.length === 0 || (waiting[0].shared && held.every(({ shared }) => shared)))) {
      const next = waiting.shift();
      held.push(next);
      Promise.resolve(next.run({})).finally(() => (held.splice(held.indexOf(next), 1), grant())).then(next.resolve, next.reject);
    }
  };
  return ({ mode, ifAvailable }, run) =>
    new Promise((resolve, reject) => {
      if (ifAvailable && (held.length > 0 || waiting.length > 0)) return resolve(run(null));
      waiting.push({ shared: mode === "shared", run, resolve, reject });
      queueMicrotask(grant);
    });
};

test("C40. refreshOnStart: \"always\" costs one POST, by the first live tab only", async (t) => {
  const { server, open } = await served(t);
  const items = new Map();
  const storage = { get: (key) => items.get(key) ?? null, set: (key, value) => void items.set(key, value), remove: (key) => void items.delete(key) };
  const signed = open({ storage });
  await signed.setTokens(server.tokens());
  signed.dispose();
  const locks = locksOf();
  const options = { storage, refreshOnStart: "always", host: { locks } };
  const posts = async (count) => {
    for (let tries = 0; tries < 100 && server.seen.token.length < count; tries++) await sleep(50);
    return server.seen.token.length;
  };
  const first = open(options);
  assert.equal(await posts(1), 1);
  const second = open(options);
  await sleep(150);
  first.dispose();
  const third = open(options);
  await sleep(150);
  assert.equal(server.seen.token.length, 1, "while one of them lives nobody is the first");
  second.dispose();
  third.dispose();
  await sleep(20);
  open(options);
  assert.equal(await posts(2), 2);
});

/** An API that renews in passing: it answers with the headers that it is given. */
const oneToken = async (t, options) => {
  const requests = [];
  let headers = {};
  const token = (iat, more) => accessToken({ sub: "ann", sid: "h.s", iat, exp: iat + 300, ...more });
  const client = createClient({
    storage: "memory", origins: ["https://api.example"], renewedTokenHeader: "x-renewed-token", ...options,
    host: { fetch: async (input, init) => (requests.push(new Request(input, init)), new Response("", { headers })) },
  });
  t.after(client.dispose);
  await client.setTokens({ access_token: token(1000) });
  return {
    client, token,
    ask: async (renewed, url = "https://api.example/me") => {
      headers = { "x-renewed-token": renewed };
      await client.fetch(url);
      return client.getClaims().iat;
    },
  };
};

test("C39, C54. a renewed token is taken from an answer: a later one of the same session, from an allowed origin", async (t) => {
  const { client, token, ask } = await oneToken(t);
  assert.equal(await ask(token(1100)), 1100);
  assert.equal(await client.getAccessToken(), token(1100));
  for (const other of [token(1050), token(1100, { jti: "x" }), token(1200, { sub: "bob" }), token(1200, { sid: "h.t" }), "rubbish", ""]) {
    assert.equal(await ask(other), 1100);
  }
  assert.equal(await ask(token(1200), "https://elsewhere.example/me"), 1100);
  assert.equal(await ask(token(1200)), 1200);
});

test("without the option no header is looked at", async (t) => {
  const { token, ask } = await oneToken(t, { renewedTokenHeader: undefined });
  assert.equal(await ask(token(1100)), 1000);
});

test("verify: no token is used that does not pass, whoever brought it, and whatever the clock says", async (t) => {
  const key = await generateKey("ES256");
  const other = await generateKey("ES256");
  const now = () => Date.now() - 7_200_000;
  const signed = (by, claims = {}) => createSigner({ key: by, expiresIn: 300 }).sign({ sub: "ann", sid: "h.s", iss: "us", ...claims });
  let next = key;
  let claims = {};
  const warnings = [];
  const client = createClient({
    storage: "memory", verify: { keys: publicJwk(key), issuer: "us" }, host: { now }, refreshBeforeExpiry: 1,
    refresh: async () => ({ access_token: await signed(next, claims), expires_in: 300 }),
  });
  t.after(client.dispose);
  client.on("warning", ({ code }) => warnings.push(code));
  await assert.rejects(client.setTokens({ access_token: await signed(other) }), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  await assert.rejects(client.setTokens({ access_token: "opaque" }), { code: "ERR_JWS_INVALID" });
  assert.equal(await client.getAccessToken(), null);
  const first = await signed(key);
  await client.setTokens({ access_token: first, expires_in: 300 });
  next = other;
  await assert.rejects(client.getAccessToken(force), { code: "ERR_REFRESH_UNAVAILABLE" });
  assert.equal(await client.getAccessToken(), first);
  assert.deepEqual(warnings, ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED"]);
});

test("verify: nor one that an answer brings along", async (t) => {
  const key = await generateKey("ES256");
  const at = Math.floor(Date.now() / 1000);
  const token = (key, iat) => createSigner({ key, expiresIn: 300, now: () => iat * 1000 }).sign({ sub: "ann", sid: "h.s" });
  let renewed;
  const client = createClient({
    storage: "memory", verify: { keys: publicJwk(key) }, renewedTokenHeader: "x-renewed", origins: ["https://api.example"],
    host: { fetch: async () => new Response("", { headers: { "x-renewed": renewed } }) },
  });
  t.after(client.dispose);
  await client.setTokens({ access_token: await token(key, at) });
  renewed = await token(await generateKey("ES256"), at + 10);
  await client.fetch("https://api.example/");
  assert.equal(client.getClaims().iat, at);
  renewed = await token(key, at + 10);
  await client.fetch("https://api.example/");
  assert.equal(client.getClaims().iat, at + 10);
});

test("C36. debug says what is done, and no token or part of one", async (t) => {
  const { server, open } = await served(t, { fault: (name, count) => name === "token" && count === 1 && { status: 503 } });
  const lines = [];
  const client = open({ debug: (line) => lines.push(line) });
  const secrets = [];
  await client.setTokens(server.tokens());
  secrets.push(...Object.values(server.tokens()).filter((value) => typeof value === "string" && value.length > 20));
  await assert.rejects(client.getAccessToken(force));
  await client.signOut();
  secrets.push(...server.seen.token.map((form) => form.get("attempt")));
  assert.ok(lines.some((line) => line.startsWith("send")) && lines.some((line) => line.includes("503")), lines.join("\n"));
  const all = lines.join("\n");
  for (const secret of secrets) for (const part of secret.split(".")) assert.ok(part.length < 5 || !all.includes(part.slice(0, 8)));
  assert.ok(!/\br\d\b/.test(all), "nor a refresh token");
});

test("a debug function that throws breaks nothing", async (t) => {
  const { server, open } = await served(t);
  const own = globalThis.reportError;
  globalThis.reportError = () => {};
  t.after(() => (globalThis.reportError = own));
  const client = open({ debug: () => { throw new Error("mine"); } });
  await client.setTokens(server.tokens());
  await client.getAccessToken(force);
  assert.equal(client.getSnapshot().generation, 1);
  client.dispose();
});

test("other sessions cannot be ended without an endpoint, nor by a server that is away; \"all\" signs out here even so", async (t) => {
  const { server, open } = await served(t);
  const without = open();
  await without.setTokens(server.tokens());
  await assert.rejects(without.signOut({ scope: "others" }), { code: "ERR_OPTIONS", option: "sessionsEndpoint" });
  const seen = [];
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.includes("/sessions")) return globalThis.fetch(request);
    seen.push(`${request.method} ${request.url} ${request.headers.get("authorization")}`);
    return new Response("", { status: 503 });
  };
  const client = open({ sessionsEndpoint: "https://auth.example/sessions", host: { fetch } });
  await client.setTokens(server.tokens());
  await assert.rejects(client.signOut({ scope: "others" }), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true, status: 503 });
  assert.deepEqual(seen, [`DELETE https://auth.example/sessions?except=current Bearer ${server.tokens().access_token}`]);
  assert.equal(client.getSnapshot().status, "active");
  await assert.rejects(client.signOut({ scope: "all" }), { code: "ERR_REFRESH_UNAVAILABLE" });
  assert.equal(client.getSnapshot().status, "signedOut");
  assert.equal(server.seen.revoke.length, 1);
  await assert.rejects(client.signOut({ scope: "here" }), { code: "ERR_OPTIONS", option: "scope" });
});
