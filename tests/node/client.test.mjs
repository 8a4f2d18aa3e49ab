// The client as its users call it, over real HTTP.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { createClient, isTokenError } from "../../src/js/node.js";
import { tokenServer } from "./token-server.mjs";

/** A client at a server, both gone when the test is over; `skew` moves its clocks. */
async function signedIn(t, { server: faults, ...options } = {}) {
  const server = await tokenServer(faults);
  let skew = 0;
  const host = { now: () => Date.now() + skew, monotonic: () => performance.now() + skew, random: () => 0.5, ...options.host };
  const client = createClient({ ...server.options, storage: "memory", ...options, host });
  t.after(() => (client.dispose(), server.close()));
  await client.setTokens(server.tokens());
  const heard = [];
  for (const event of ["signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"]) {
    client.on(event, (detail) => heard.push([event, detail]));
  }
  return { client, server, heard, names: () => heard.map(([name]) => name), pass: (seconds) => void (skew += seconds * 1000) };
}

const code = (expected) => (error) => isTokenError(error) && error.code === expected;

test("a sign-in is seen at once, and the snapshot is one object until something changes", async (t) => {
  const { client } = await signedIn(t);
  const snapshot = client.getSnapshot();
  assert.equal(snapshot.status, "active");
  assert.equal(snapshot.subject, "ann");
  assert.equal(snapshot.generation, 0);
  assert.ok(Math.abs(snapshot.expiresAt - Date.now() / 1000 - 300) < 3);
  assert.equal(client.getSnapshot(), snapshot);
  assert.ok(Object.isFrozen(snapshot) && Object.isFrozen(client) && Object.isFrozen(client.getClaims()));
  assert.equal(client.getClaims(), client.getClaims());
  assert.equal(client.getClaims().sub, "ann");
});

test("C27. events that change nothing leave the snapshot as it is, and subscribers in peace", async (t) => {
  const { client, server } = await signedIn(t);
  const snapshot = client.getSnapshot();
  let called = 0;
  client.subscribe(() => called++);
  for (let round = 0; round < 20; round++) await client.getAccessToken();
  await client.setTokens(server.tokens());
  await client.fetch(`${server.origin}/me`);
  assert.equal(client.getSnapshot(), snapshot);
  assert.deepEqual([called, server.seen.token.length], [0, 0]);
});

test("C1. 50 parallel calls with an expired token make one POST and get 50 equal tokens", async (t) => {
  const { client, server, pass } = await signedIn(t, { autoRefresh: false });
  pass(301);
  const got = await Promise.all(Array.from({ length: 50 }, () => client.getAccessToken()));
  assert.equal(server.seen.token.length, 1);
  assert.deepEqual(new Set(got), new Set([server.tokens().access_token]));
});

test("a request for a refresh is what RFC 6749 says, with an attempt of 22 characters", async (t) => {
  const { client, server } = await signedIn(t);
  await client.getAccessToken({ forceRefresh: true });
  const form = Object.fromEntries(server.seen.token[0]);
  assert.match(form.attempt, /^[\w-]{22}$/);
  assert.deepEqual({ ...form, attempt: "" }, { grant_type: "refresh_token", refresh_token: "r0", attempt: "", client_id: "test" });
});

test("C6. a lost answer is asked for again with the same attempt, and nobody is signed out", async (t) => {
  const fault = (name, count) => (name === "token" && count === 1 ? "drop" : undefined);
  const { client, server, names, pass } = await signedIn(t, { server: { fault }, autoRefresh: false });
  pass(301);
  await assert.rejects(client.getAccessToken(), (error) => code("ERR_REFRESH_UNAVAILABLE")(error) && error.retryable && error.retryAfter >= 1);
  pass(5);
  assert.equal(await client.getAccessToken(), server.tokens().access_token);
  const [first, second] = server.seen.token;
  assert.equal(first.get("attempt"), second.get("attempt"));
  assert.deepEqual(names(), ["refreshDeferred", "refreshed"]);
});

test("tokens are renewed by themselves before they are over", async (t) => {
  const { client, server, heard } = await signedIn(t, { server: { expiresIn: 1 } });
  await new Promise((renewed) => client.on("refreshed", renewed));
  assert.ok(server.seen.token.length >= 1);
  assert.equal(heard[0][0], "refreshed");
  assert.equal(heard[0][1].generation, 1);
});

test("C19. three requests answered 401 during and after a refresh: one refresh, three answers", async (t) => {
  const { client, server } = await signedIn(t);
  server.forget();
  // What was forgotten was refreshed elsewhere: the client's token is one behind, and its own refresh fits again.
  await client.setTokens({ ...server.tokens(), access_token: "old" });
  const answers = await Promise.all([1, 2, 3].map((n) => client.fetch(`${server.origin}/me?${n}`)));
  assert.deepEqual(answers.map((answer) => answer.status), [401, 401, 401].map(() => 200));
  assert.equal(server.seen.token.length, 1);
});

test("C20. an API that answers 401 whatever the token: one refresh, one replay, the 401", async (t) => {
  const fault = (name) => (name === "always" ? { status: 401, body: { no: 1 } } : undefined);
  const { client, server } = await signedIn(t, { server: { fault } });
  const answer = await client.fetch(`${server.origin}/always`);
  assert.equal(answer.status, 401);
  assert.deepEqual(await answer.json(), { no: 1 });
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [1, 2]);
});

test("bodies are the same both times", async (t) => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array([0, 128, 255])]), "name");
  for (const body of ["text ✓", new URLSearchParams({ a: "b c" }), new Blob(["blob"]), new Uint8Array([1, 2]), form, () => "made"]) {
    const { client, server } = await signedIn(t);
    await client.setTokens({ ...server.tokens(), access_token: "old", refresh_token: "r0", generation: 5 });
    const answer = await client.fetch(`${server.origin}/post`, { method: "POST", body });
    assert.equal(answer.status, 200);
    const [first, second] = server.seen.api;
    assert.deepEqual([second.body, second.type], [first.body, first.type]);
    assert.ok(first.body.length > 0);
  }
});

test("a stream cannot be sent again, so its 401 is returned", async (t) => {
  const { client, server } = await signedIn(t);
  await client.setTokens({ ...server.tokens(), access_token: "old", generation: 5 });
  const answer = await client.fetch(`${server.origin}/post`, { method: "POST", body: new Blob(["x"]).stream(), duplex: "half" });
  assert.equal(answer.status, 401);
  assert.equal(server.seen.api.length, 1);
});

test("the token goes to allowed origins only, and nowhere with skipAuth", async (t) => {
  const { client, server } = await signedIn(t);
  const other = await tokenServer();
  t.after(other.close);
  await client.fetch(`${other.origin}/me`);
  await client.fetch(`${server.origin}/me`, { skipAuth: true });
  assert.deepEqual([...other.seen.api, ...server.seen.api].map(({ authorization }) => authorization), [undefined, undefined]);
});

test("a waiting request that is aborted rejects while the refresh goes on", async (t) => {
  const gate = Promise.withResolvers?.() ?? {};
  const wait = gate.promise ?? new Promise((resolve) => (gate.resolve = resolve));
  const { client, server, pass } = await signedIn(t, { server: { fault: (name) => name === "token" && { wait } }, autoRefresh: false });
  pass(301);
  const controller = new AbortController();
  const request = client.fetch(`${server.origin}/me`, { signal: controller.signal });
  const token = client.getAccessToken();
  await sleep(20);
  controller.abort();
  await assert.rejects(request, { name: "AbortError" });
  gate.resolve();
  assert.equal(await token, server.tokens().access_token);
});

test("a request that is aborted already asks for no refresh", async (t) => {
  const { client, server, pass } = await signedIn(t, { server: { fault: (name) => name === "token" && { status: 503 } }, autoRefresh: false });
  pass(301);
  await assert.rejects(client.fetch(`${server.origin}/me`, { signal: AbortSignal.abort() }), { name: "AbortError" });
  await sleep(20);
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [0, 0]);
});

test("a Request may stand in for the init, as with fetch", async (t) => {
  const { client, server } = await signedIn(t);
  await client.fetch(`${server.origin}/post`, new Request(server.origin, { method: "POST", body: "text", duplex: "half" }));
  assert.deepEqual(server.seen.api.map(({ body }) => body), ["text"]);
});

test("a refused answer whose connection breaks is nobody's unhandled rejection", async (t) => {
  const unhandled = [];
  const hear = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", hear);
  t.after(() => process.off("unhandledRejection", hear));
  const broken = () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error("reset")) }), { status: 401 });
  const { client, server } = await signedIn(t, { host: { fetch: (input, init) => (init ? fetch(input, init) : broken()) } });
  assert.equal((await client.fetch(`${server.origin}/me`)).status, 401);
  await sleep(20);
  assert.deepEqual(unhandled, []);
});

test("ready is one promise, and rejects anew where loading is tried again", async (t) => {
  const { client } = await signedIn(t);
  assert.equal(client.ready, client.ready);
  await client.ready;
  const wrong = createClient({ storage: "cloud" });
  await assert.rejects(wrong.ready, code("ERR_OPTIONS"));
  await assert.rejects(wrong.ready, code("ERR_OPTIONS"));
});

test("C24. a sign-out during a refresh stays one, and what the refresh brought is revoked", async (t) => {
  let release;
  const wait = new Promise((resolve) => (release = resolve));
  const { client, server, names } = await signedIn(t, { server: { fault: (name) => name === "token" && { wait } } });
  const token = client.getAccessToken({ forceRefresh: true });
  await sleep(20);
  await client.signOut();
  assert.equal(await token, null);
  assert.equal(client.getSnapshot().status, "signedOut");
  release();
  await sleep(50);
  assert.deepEqual(server.seen.revoke.map((form) => form.get("token")), ["r0", "r1"]);
  assert.deepEqual(names(), ["ended"]);
  assert.equal(await client.getAccessToken(), null);
});

test("a sign-out of scope local tells no server", async (t) => {
  const { client, server } = await signedIn(t);
  await client.signOut({ scope: "local" });
  assert.equal(server.seen.revoke.length, 0);
  await assert.rejects(client.signOut({ scope: "galaxy" }), code("ERR_OPTIONS"));
});

test("a clear end ends the session for all who wait, with one event", async (t) => {
  const fault = (name) => name === "token" && { status: 400, body: { error: "invalid_grant", code: "reuse" } };
  const { client, heard } = await signedIn(t, { server: { fault } });
  const waiting = await Promise.allSettled([1, 2, 3].map(() => client.getAccessToken({ forceRefresh: true })));
  assert.ok(waiting.every(({ reason }) => code("ERR_REFRESH_REUSED")(reason)));
  assert.deepEqual(heard, [["ended", { reason: "reuse" }]]);
  assert.equal(client.getSnapshot().endReason, "reuse");
  assert.equal(await client.getAccessToken(), null);
});

test("an application may refresh by itself", async (t) => {
  const asked = [];
  const refresh = async (context) => (asked.push(context), { access_token: "second", expires_in: 60 });
  const client = createClient({ refresh, storage: "memory" });
  t.after(client.dispose);
  await client.setTokens({ access_token: "first", refresh_token: "r", expires_in: 60 });
  assert.equal(await client.getAccessToken({ forceRefresh: true }), "second");
  assert.equal(asked[0].refreshToken, "r");
  assert.match(asked[0].attempt, /^[\w-]{22}$/);
  assert.equal(asked[0].signal.aborted, false);
});

test("C26. a listener may force another refresh, and one that throws breaks nothing", async (t) => {
  const { client, server } = await signedIn(t);
  const reported = [];
  const { reportError } = globalThis;
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => (globalThis.reportError = reportError));
  client.on("refreshed", () => {
    throw new Error("mine");
  });
  const inner = new Promise((resolve) => {
    const off = client.on("refreshed", () => (off(), resolve(client.getAccessToken({ forceRefresh: true }))));
  });
  await client.getAccessToken({ forceRefresh: true });
  assert.equal(await inner, server.tokens().access_token);
  assert.deepEqual(reported, ["mine", "mine"]);
});

test("C25. after dispose there is no request, no event and no answer but a refusal", async (t) => {
  const aborted = [];
  const fetch = (url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => (aborted.push(url), reject(signal.reason))));
  const timers = new Set();
  const setTimeout = (run) => (timers.add(run), run);
  const { client, heard } = await signedIn(t, { host: { fetch, setTimeout, clearTimeout: (timer) => timers.delete(timer) } });
  const waiting = client.getAccessToken({ forceRefresh: true });
  await sleep(5);
  assert.equal(timers.size, 1);
  client.dispose();
  await assert.rejects(waiting, code("ERR_NOT_READY"));
  await assert.rejects(client.getAccessToken(), code("ERR_NOT_READY"));
  assert.equal(aborted.length, 1);
  assert.equal(timers.size, 0);
  assert.deepEqual(heard, []);
});

test("wrong options are reported by ready and by every method, and name the option", async () => {
  for (const [options, option] of [
    [{ tokenEndpont: "/x" }, "tokenEndpont"],
    [{ tokenEndpoint: "/relative" }, "tokenEndpoint"],
    [{ refreshBeforeExpiry: -1 }, "refreshBeforeExpiry"],
    [{ origins: ["nonsense"] }, "origins"],
    [{ storage: "cloud" }, "storage"],
    [{ host: { fetch: 1 } }, "host.fetch"],
  ]) {
    const client = createClient(options);
    for (const call of [() => client.ready, () => client.getAccessToken(), () => client.signOut()]) {
      await assert.rejects(call(), (error) => code("ERR_OPTIONS")(error) && error.option === option, option);
    }
  }
});

test("no event and no error holds a token or a part of one", async (t) => {
  const fault = (name, count) => (name === "token" && count === 1 ? { status: 503 } : undefined);
  const { client, server, heard, pass } = await signedIn(t, { server: { fault }, autoRefresh: false });
  const secrets = [server.tokens().access_token, "r0", "r1"];
  const errors = [];
  await client.getAccessToken({ forceRefresh: true }).catch((error) => errors.push(error));
  pass(10);
  await client.getAccessToken({ forceRefresh: true });
  secrets.push(server.tokens().access_token);
  await client.signOut();
  const said = JSON.stringify([heard, errors, client.getSnapshot()], (_, value) => (value instanceof Error ? { ...value, message: value.message } : value));
  for (const secret of secrets) assert.ok(!said.includes(`"${secret}"`) && !said.includes(secret.split(".")[1] ?? `"${secret}"`));
  assert.equal(errors.length, 1);
});

test("without storage there is one warning, and the session lives in memory", async (t) => {
  const { client, heard } = await signedIn(t, { storage: "local" });
  assert.deepEqual(heard.map(([name, error]) => [name, error?.code]).filter(([name]) => name === "warning").length <= 1, true);
  assert.equal(client.getSnapshot().status, "active");
});
