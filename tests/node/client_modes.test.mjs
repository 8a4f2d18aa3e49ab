// The client against an issuer without refresh tokens, and against one without a store, each on one virtual clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../src/js/node.js";
import { createIssuer, generateKey } from "../../src/js/edge/node.js";

const ORIGIN = "https://auth.example";
const key = await generateKey("ES256");
const oneToken = { renewedTokenHeader: "renewed-token", origins: [ORIGIN] };
const settled = () => new Promise((done) => setTimeout(done, 20));

/** An issuer, an API on two origins that asks it who sends a request, and signed-in clients on one storage. */
async function world(t, issuerOptions, clientOptions) {
  let at = 1_700_000_000_000;
  const now = () => at;
  /** Tokens that the API's next answers bring, whoever asks. */
  const planted = [];
  const [events, asked, ended] = [[], [], []];
  const issuer = createIssuer({ issuer: ORIGIN, audience: "api", signingKeys: [key], now, onEvent: ({ type }) => events.push(type), ...issuerOptions });
  const api = async (request) => {
    if (planted.length > 0) return Response.json({}, { headers: { "renewed-token": planted.shift() } });
    const known = await issuer.authenticate(request);
    return known ? Response.json(known.claims, { headers: known.headers }) : new Response(null, { status: 401 });
  };
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(new URL(request.url).pathname);
    return (await issuer.handle(request)) ?? api(request);
  };
  const timers = new Map();
  let timer = 0;
  const host = {
    fetch, now, monotonic: now, random: () => 0.5, clearTimeout: (id) => timers.delete(id),
    setTimeout: (run, delay) => (timers.set(++timer, { run, due: at + delay }), timer),
  };
  const pass = async (seconds) => {
    at += seconds * 1000;
    for (const [id, { run, due }] of [...timers]) if (due <= at) timers.delete(id), run();
    await settled();
  };
  const kept = new Map();
  const storage = { get: (name) => kept.get(name) ?? null, set: (name, value) => void kept.set(name, value), remove: (name) => void kept.delete(name) };
  const open = () => {
    const client = createClient({ storage, host, ...clientOptions });
    client.on("ended", ({ reason }) => ended.push(reason));
    t.after(client.dispose);
    return client;
  };
  const signIn = async (client) => {
    const tokens = await issuer.issue({ subject: "ann", clientId: "web" });
    await client.setTokens(tokens);
    return tokens;
  };
  const ask = async (client, url = `${ORIGIN}/api`) => (await client.fetch(url)).json();
  return { issuer, open, signIn, ask, pass, planted, events, asked, ended };
}

test("C39, C54, I16. in one-token mode a token near its end is renewed by the request that it is sent with, for all tabs", async (t) => {
  const { issuer, open, signIn, ask, pass, asked, ended } = await world(t, { refreshToken: false }, oneToken);
  const [one, two] = [open(), open()];
  const first = await signIn(one);
  const heard = async () => {
    while (two.getSnapshot().expiresAt !== one.getSnapshot().expiresAt) await settled();
  };
  await heard();
  const old = (await ask(one)).jti;
  assert.equal(one.getClaims().jti, old, "early");
  for (let round = 1; round <= 5; round++) {
    await pass(230);
    const { jti, sid } = await ask(one);
    assert.equal(one.getClaims().jti, jti, "the request counted as the renewed token already");
    assert.deepEqual([sid, jti === old], [first.session_id, false]);
    await heard();
    assert.equal(await two.getAccessToken(), await one.getAccessToken());
    await issuer.verifier().verify(await one.getAccessToken());
  }
  const last = await one.getAccessToken();
  await pass(230);
  // Two tabs at once get one successor, and an answer to the first token comes late.
  const [left, right] = await Promise.all([ask(one), ask(two)]);
  assert.equal(left.jti, right.jti);
  assert.equal(one.getClaims().jti, left.jti);
  assert.notEqual(await one.getAccessToken(), last);
  await one.fetch(`${ORIGIN}/api`, { headers: { authorization: `Bearer ${last}` }, skipAuth: true });
  assert.equal(one.getClaims().jti, left.jti);
  assert.deepEqual([asked.includes("/token"), ended], [false, []]);
});

test("C54. a token renewed for another session, or sent by an origin that may not have it, is not taken", async (t) => {
  const { issuer, open, signIn, ask, pass, planted } = await world(t, { refreshToken: false }, oneToken);
  const client = open();
  await signIn(client);
  const own = await client.getAccessToken();
  const other = await issuer.issue({ subject: "ann", clientId: "web" });
  await pass(240);
  const renewed = async (token) => (await issuer.renew(token)).access_token;
  planted.push(await renewed(other.access_token), await renewed(own));
  await ask(client);
  await ask(client, "https://elsewhere.example/api");
  assert.equal(await client.getAccessToken(), own);
  planted.push(await renewed(own));
  await ask(client);
  assert.notEqual(await client.getAccessToken(), own);
});

test("I17. with a stateless issuer a client renews, also what was copied, and signs out for itself", async (t) => {
  const { issuer, open, signIn, pass, events, asked, ended } = await world(
    t,
    { refreshToken: "stateless", secrets: ["0123456789abcdef0123456789abcdef"] },
    { tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, clientId: "web" },
  );
  const client = open();
  const first = await signIn(client);
  for (let round = 0; round < 3; round++) {
    await pass(290);
    await issuer.verifier().verify(await client.getAccessToken());
    await issuer.refresh(first.refresh_token, { clientId: "web" });
  }
  assert.deepEqual([client.getSnapshot().generation, client.getClaims().sid], [4, first.session_id]);
  await client.signOut();
  assert.equal(await client.getAccessToken(), null);
  assert.deepEqual([asked.at(-1), ended], ["/revoke", ["signedOut"]]);
  assert.equal(events.filter((type) => type === "stateless").length, 1);
});

test("I10, I17. at the absolute end of a stateless session its client is told", async (t) => {
  const { open, signIn, pass, ended } = await world(
    t,
    { refreshToken: "stateless", secrets: ["0123456789abcdef0123456789abcdef"] },
    { tokenEndpoint: `${ORIGIN}/token`, clientId: "web" },
  );
  const client = open();
  await signIn(client);
  for (let hour = 0; hour < 25; hour++) await pass(3600);
  assert.equal(await client.getAccessToken().catch(({ code }) => code), null);
  assert.deepEqual(ended, ["expired"]);
});
