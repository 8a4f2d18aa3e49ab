// The client against the issuer, on one virtual clock: what both ends must get right together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../../src/js/node.js";
import { createIssuer, generateKey } from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";

const ORIGIN = "https://auth.example";
const key = await generateKey("ES256");
const settled = () => new Promise((done) => setTimeout(done, 20));

/** An issuer, an API that asks it, and one signed-in client whose storage can be opened again. */
async function world(t, issuerOptions) {
  let at = 1_700_000_000_000;
  const now = () => at;
  const events = [];
  const posts = [];
  /** What becomes of the next refreshes: each gets the request and the way to the server. */
  const faults = [];
  const issuer = createIssuer({
    issuer: ORIGIN, audience: "api", signingKeys: [key], secrets: ["0123456789abcdef0123456789abcdef"], store: memoryStore(), now,
    onEvent: ({ type }) => events.push(type), ...issuerOptions,
  });
  const verifier = issuer.verifier({ revocation: "session" });
  const api = async (request) => {
    const token = request.headers.get("authorization")?.slice(7) ?? "";
    return verifier.verify(token).then(
      ({ claims }) => Response.json(claims),
      () => new Response(null, { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }),
    );
  };
  const reach = async (request) => (await issuer.handle(request)) ?? api(request);
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith("/token")) return reach(request);
    posts.push(new URLSearchParams(await request.clone().text()));
    const fault = faults.shift();
    return fault ? fault(request, reach) : reach(request);
  };
  // Timers are the test's own to fire: all at once, when it moves the clock.
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
  const heard = [];
  const open = (options) => {
    const client = createClient({ tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, clientId: "web", storage: "memory", host, ...options });
    client.on("ended", ({ reason }) => heard.push(reason));
    t.after(client.dispose);
    return client;
  };
  const tokens = await issuer.issue({ subject: "ann", clientId: "web" });
  const client = open();
  await client.setTokens(tokens);
  return { issuer, client, open, tokens, pass, heard, events, posts, faults, refresh: (token, attempt) => issuer.refresh(token, { clientId: "web", attempt }) };
}

const force = { forceRefresh: true };

test("C8. a token that a thief used again ends the session, once and with its reason", async (t) => {
  const { client, tokens, pass, heard, events, refresh } = await world(t);
  await client.getAccessToken(force);
  await pass(60);
  // The copy was made before the first refresh, and the attempt was not in it.
  await assert.rejects(refresh(tokens.refresh_token), { code: "ERR_REFRESH_REUSED" });
  await assert.rejects(client.getAccessToken(force), { code: "ERR_REFRESH_REUSED", retryable: false });
  assert.deepEqual(heard, ["reuse"]);
  assert.equal(client.getSnapshot().endReason, "reuse");
  assert.equal(await client.getAccessToken().catch(({ code }) => code), null);
  assert.ok(events.includes("reuse"));
});

test("C38. a token made stale by changed permissions is renewed, and the request sent again with the new claims", async (t) => {
  let role = "reader";
  const { client, issuer, posts } = await world(t, { claims: () => ({ role }) });
  const ask = async () => (await client.fetch(`${ORIGIN}/api`)).json();
  assert.equal((await ask()).role, "reader");
  role = "writer";
  await issuer.bumpPermissions("ann");
  assert.equal((await ask()).role, "writer");
  assert.equal(client.getClaims().role, "writer");
  assert.equal(posts.length, 1);
});

test("C42. a refresh that a proxy delivers ten minutes after it timed out signs nobody out", async (t) => {
  const { client, pass, heard, events, faults } = await world(t);
  let late;
  faults.push((request, reach) => ((late = () => reach(request)), new Promise(() => {})));
  await assert.rejects(Promise.all([client.getAccessToken(force), pass(16)]), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
  for (let minute = 0; minute < 10; minute++) await pass(60);
  const before = client.getSnapshot().generation;
  assert.ok(before >= 2, "it went on meanwhile");
  const answer = await late();
  assert.deepEqual([answer.status, (await answer.json()).code], [400, "superseded"]);
  await client.getAccessToken(force);
  assert.equal(client.getSnapshot().generation, before + 1);
  assert.deepEqual(heard, []);
  assert.ok(events.includes("superseded") && !events.includes("reuse"));
});

test("C43. a thief two generations ahead is found out by the one request without an attempt, even where its answer is lost", async (t) => {
  const { client, tokens, pass, heard, posts, faults, refresh } = await world(t);
  const stolen = await refresh(tokens.refresh_token, "a-thief-who-has-copied-it");
  await refresh(stolen.refresh_token, "another-attempt-of-the-thief");
  const waiting = client.getAccessToken(force).catch(({ code }) => code);
  await settled();
  assert.equal(posts.length, 1);
  await pass(6);
  assert.equal(await waiting, "ERR_REFRESH_UNAVAILABLE");
  faults.push(async (request, reach) => (await reach(request), Promise.reject(new TypeError("lost"))));
  for (let second = 0; second < 120 && heard.length === 0; second += 10) {
    await client.getAccessToken(force).catch(() => {});
    await pass(10);
  }
  assert.ok(posts[0].has("attempt") && !posts[1].has("attempt"));
  assert.deepEqual(heard, ["reuse"]);
});

test("C45. an answer lost on Friday is asked for again on Monday, and is the same", async (t) => {
  const { client, pass, heard, events, posts, faults } = await world(t);
  let lost;
  faults.push(async (request, reach) => ((lost = await (await reach(request)).json()), Promise.reject(new TypeError("lost"))));
  await assert.rejects(client.getAccessToken(force), { retryable: true });
  await pass(3 * 86_400);
  const token = await client.getAccessToken();
  assert.equal(posts[0].get("attempt"), posts[1].get("attempt"));
  assert.notEqual(token, lost.access_token, "which was over by then");
  assert.equal(posts[2].get("refresh_token"), lost.refresh_token);
  assert.deepEqual([heard, events.includes("reuse")], [[], false]);
});
