// The cookie transport from both ends: the client in a page, the issuer behind it, and the browser's jar between them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../src/js/node.js";
import { createIssuer, generateKey } from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";

const ORIGIN = "https://app.example";
const key = await generateKey("ES256");
const force = { forceRefresh: true };

/** An issuer and a browser that keeps its cookies; `faults` may lose an answer on its way to the page. */
async function browser(t) {
  const events = [];
  const sent = [];
  const faults = [];
  const jar = new Map();
  const issuer = createIssuer({
    issuer: ORIGIN, audience: "api", signingKeys: [key], secrets: ["0123456789abcdef0123456789abcdef"], store: memoryStore(), cookie: true,
    onEvent: ({ type }) => events.push(type),
  });
  const keep = (response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair, ...rest] = cookie.split("; ");
      const [name, value] = pair.split("=");
      if (rest.some((part) => /^max-age=0$/i.test(part))) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const cookies = () => [...jar].map((pair) => pair.join("=")).join("; ");
  const from = (site) => async (input, init) => {
    const request = new Request(input, init);
    request.headers.set("cookie", cookies());
    request.headers.set("sec-fetch-site", site);
    const body = await request.clone().text();
    if (request.url.endsWith("/token")) sent.push(body);
    const response = keep(await issuer.handle(request));
    if (faults.shift()) throw new TypeError("lost");
    return response;
  };
  const open = (options) => {
    const client = createClient({
      tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, sessionsEndpoint: `${ORIGIN}/sessions`, clientId: "web",
      refreshTokenTransport: "cookie", storage: "memory", ...options, host: { fetch: from("same-origin"), ...options?.host },
    });
    t.after(client.dispose);
    return client;
  };
  const login = new Request(`${ORIGIN}/login`, { method: "POST", headers: { "sec-fetch-site": "same-origin" } });
  const signIn = async () => keep(await issuer.signInResponse(login, { subject: "ann", clientId: "web" })).json();
  /** A page of the server's, as it is asked for by a link. */
  const render = async () => {
    const signedIn = await issuer.authenticate(new Request(`${ORIGIN}/page`, { headers: { cookie: cookies() } }));
    if (signedIn) keep({ headers: signedIn.headers });
    return signedIn?.claims.sub;
  };
  return { issuer, events, sent, faults, jar, from, open, signIn, render };
}

test("C37. the page sees no refresh token, and sends none", async (t) => {
  const { open, signIn, sent, jar } = await browser(t);
  const tokens = await signIn();
  assert.equal(tokens.refresh_token, undefined);
  const client = open();
  await client.setTokens(tokens);
  const renewed = await client.getAccessToken(force);
  assert.notEqual(renewed, tokens.access_token);
  assert.equal(client.getSnapshot().generation, tokens.generation + 1);
  assert.deepEqual(sent, ["grant_type=refresh_token&client_id=web"]);
  await client.signOut();
  assert.equal(jar.size, 0);
  assert.equal(await client.getAccessToken(), null);
});

test("C37. a refresh from another site is refused, and nobody is signed out by it", async (t) => {
  const { open, signIn, from, events } = await browser(t);
  const tokens = await signIn();
  for (const site of ["cross-site", "same-site"]) {
    const foreign = open({ host: { fetch: from(site) } });
    await foreign.setTokens(tokens);
    await assert.rejects(foreign.getAccessToken(force), { code: "ERR_REFRESH_UNAVAILABLE" });
    assert.equal(foreign.getSnapshot().status, "active");
  }
  assert.ok(!events.includes("refreshed"));
  const client = open();
  await client.setTokens(tokens);
  await client.getAccessToken(force);
  assert.ok(events.includes("refreshed"));
});

test("C52. an answer that the page misses and the jar keeps signs nobody out", async (t) => {
  const { open, signIn, faults, events } = await browser(t);
  let skew = 0;
  const now = () => Date.now() + skew;
  const client = open({ host: { now, monotonic: now } });
  await client.setTokens(await signIn());
  for (let round = 0; round < 3; round++) {
    faults.push(true);
    await assert.rejects(client.getAccessToken(force), { retryable: true });
    skew += 120_000;
    await client.getAccessToken(force);
  }
  assert.equal(client.getSnapshot().status, "active");
  assert.ok(!events.includes("reuse"));
});

test("C52. two tabs and a server-side renderer refresh with one cookie", async (t) => {
  const { open, signIn, render, events } = await browser(t);
  const tokens = await signIn();
  const [one, two] = [open(), open()];
  await Promise.all([one.setTokens(tokens), two.setTokens(tokens)]);
  for (let round = 0; round < 5; round++) {
    const [first, second, subject] = await Promise.all([one.getAccessToken(force), two.getAccessToken(force), render()]);
    assert.ok(first && second);
    assert.equal(subject, "ann");
  }
  assert.deepEqual([one, two].map((client) => client.getSnapshot().status), ["active", "active"]);
  assert.ok(!events.includes("reuse"));
});

test("C37. whoever is signed in by a cookie needs nothing stored", async (t) => {
  const { open, signIn, jar } = await browser(t);
  await signIn();
  globalThis.document = { get cookie() { return [...jar].map((pair) => pair.join("=")).join("; "); } };
  t.after(() => delete globalThis.document);
  const client = open();
  assert.ok(await client.getAccessToken());
  assert.equal(client.getSnapshot().subject, "ann");
  const other = open({ storageKey: "other" });
  assert.equal(await other.getAccessToken(), null);
});

test("the scope \"others\" ends the other sessions, and \"all\" this one too", async (t) => {
  const { open, signIn, issuer, jar } = await browser(t);
  const live = async () => (await issuer.sessions("ann")).length;
  for (const [scope, left] of [["others", 1], ["all", 0]]) {
    await signIn();
    await signIn();
    const client = open();
    await client.setTokens(await signIn());
    assert.ok((await live()) >= 3);
    await client.signOut({ scope });
    assert.equal(await live(), left);
    assert.equal(client.getSnapshot().status, left ? "active" : "signedOut");
    assert.equal(jar.size > 0, Boolean(left));
  }
});
