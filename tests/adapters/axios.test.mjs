// Real axios with a client behind it, over real HTTP.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import axios from "axios";
import { attach } from "../../src/js/adapters/axios.js";
import { createClient, isTokenError } from "../../src/js/node.js";
import { accessToken, tokenServer } from "../node/token-server.mjs";

/** An instance whose client is signed in at a server, all gone when the test is over; `stale` is a token that the API refuses. */
async function attached(t, { server: faults, stale = false, ...options } = {}) {
  const server = await tokenServer(faults);
  let skew = 0;
  const host = { now: () => Date.now() + skew, monotonic: () => performance.now() + skew, random: () => 0.5 };
  const client = createClient({ ...server.options, storage: "memory", autoRefresh: false, ...options, host });
  t.after(() => (client.dispose(), server.close()));
  await client.setTokens({ ...server.tokens(), ...(stale && { access_token: "old" }) });
  const api = axios.create({ baseURL: server.origin });
  const detach = attach(api, client);
  const sent = () => server.seen.api.map(({ authorization }) => authorization);
  return { api, client, server, detach, sent, pass: (seconds) => void (skew += seconds * 1000) };
}

const bearer = (server) => `Bearer ${server.tokens().access_token}`;

test("requests carry the token, and it is in nothing that axios hands back", async (t) => {
  const { api, server, sent } = await attached(t);
  const answer = await api.post("/me", { a: 1 }, { params: { q: 2 } });
  assert.deepEqual([answer.status, answer.data], [200, { body: '{"a":1}' }]);
  assert.deepEqual([sent(), server.seen.api[0].url, server.seen.api[0].type], [[bearer(server)], "/me?q=2", "application/json"]);
  assert.equal(answer.config.headers.authorization, undefined);
  assert.equal(answer.request.headers.get("authorization"), null);
});

test("C1. 20 requests with an expired token make one refresh", async (t) => {
  const { api, server, sent, pass } = await attached(t);
  pass(301);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => api.get(`/me?${n}`)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(server.seen.token.length, 1);
  assert.deepEqual(new Set(sent()), new Set([bearer(server)]));
});

test("C19. 20 requests answered 401 during and after a refresh: one refresh, one replay each", async (t) => {
  // The last one's 401 arrives when the others have long been replayed.
  let release;
  const wait = new Promise((resolve) => (release = resolve));
  const slow = (name, count) => (name === "slow" && count <= 20 ? { wait } : undefined);
  const { api, server } = await attached(t, { stale: true, server: { fault: slow } });
  const late = api.get("/slow");
  const answers = await Promise.all(Array.from({ length: 19 }, (_, n) => api.post(`/me?${n}`, { n })));
  release();
  answers.push(await late);
  assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 200));
  assert.deepEqual(answers[7].data, { body: '{"n":7}' });
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [1, 40]);
});

test("C20. an API that answers 401 whatever the token: one refresh, one replay, the 401", async (t) => {
  const fault = (name) => (name === "always" ? { status: 401, body: { no: 1 } } : undefined);
  const { api, server } = await attached(t, { server: { fault } });
  await assert.rejects(api.get("/always"), (error) => axios.isAxiosError(error) && error.response.status === 401 && error.response.data.no === 1);
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [1, 2]);
});

test("C21. a 401 that asks for a step-up is handed on", async (t) => {
  const headers = { "www-authenticate": 'Bearer error="insufficient_user_authentication", max_age="300"' };
  const { api, server } = await attached(t, { server: { fault: (name) => name === "pay" && { status: 401, headers } } });
  await assert.rejects(api.post("/pay", {}), (error) => /max_age="300"/.test(error.response.headers["www-authenticate"]));
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [0, 1]);
});

test("bodies are the same both times", async (t) => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array([0, 128, 255])]), "name");
  for (const body of ["text ✓", { json: [1] }, new URLSearchParams({ a: "b c" }), new Blob(["blob"]), new Uint8Array([1, 2]), Buffer.from("buffer"), form]) {
    const { api, server } = await attached(t, { stale: true });
    assert.equal((await api.post("/post", body)).status, 200);
    const [first, second] = server.seen.api;
    assert.deepEqual([second.body, second.type], [first.body, first.type]);
    assert.ok(first.body.length > 0);
  }
});

test("a form that axios makes arrives as one, both times", async (t) => {
  const { api, server } = await attached(t, { stale: true });
  await api.postForm("/post", { name: "ann", file: new Blob(["content"]) });
  const [first, second] = server.seen.api;
  assert.equal(second.body, first.body);
  assert.match(first.type, /^multipart\/form-data; boundary=/);
  assert.match(first.body, /name="name"\r\n\r\nann\r\n[^]*content\r\n/);
});

test("a stream is sent once, so its 401 is returned", async (t) => {
  for (const make of [() => new Blob(["stream"]).stream(), () => Readable.from(["str", "eam"])]) {
    const { api, server } = await attached(t, { stale: true });
    await assert.rejects(api.post("/post", make()), (error) => error.response.status === 401);
    assert.deepEqual(server.seen.api.map(({ body }) => body), ["stream"]);
    assert.equal(server.seen.token.length, 0);
  }
});

test("a stream arrives with the token", async (t) => {
  const { api, server } = await attached(t);
  assert.equal((await api.post("/post", new Blob(["stream"]).stream())).status, 200);
  assert.deepEqual(server.seen.api.map(({ body, authorization }) => [body, authorization]), [["stream", bearer(server)]]);
});

test("the token goes to allowed origins only, and with no request that says so", async (t) => {
  const { api, server } = await attached(t);
  const other = await tokenServer();
  t.after(other.close);
  const status = { validateStatus: () => true };
  await api.get(`${other.origin}/me`, status);
  await api.get("/me", { ...status, fetchOptions: { skipAuth: true } });
  assert.deepEqual([...other.seen.api, ...server.seen.api].map(({ authorization }) => authorization), [undefined, undefined]);
  await api.get("/me", { ...status, auth: { username: "a", password: "b" } });
  await api.get("/me", { ...status, headers: { Authorization: "Bearer theirs" } });
  assert.deepEqual(server.seen.api.slice(1).map(({ authorization }) => authorization), ["Basic YTpi", "Bearer theirs"]);
  assert.equal(server.seen.token.length, 0);
});

test("the token stays behind where a request is redirected to another origin", async (t) => {
  const { api, server } = await attached(t);
  const other = await tokenServer();
  const there = createServer((_, response) => response.writeHead(307, { location: `${other.origin}/me` }).end()).listen(0, "127.0.0.1");
  t.after(() => (other.close(), there.close()));
  await once(there, "listening");
  const origin = `http://127.0.0.1:${there.address().port}`;
  const client = createClient({ storage: "memory", origins: [origin] });
  t.after(client.dispose);
  await client.setTokens(server.tokens());
  const second = axios.create({ validateStatus: () => true });
  attach(second, client);
  assert.equal((await second.get(origin)).status, 401);
  assert.deepEqual(other.seen.api.map(({ authorization }) => authorization), [undefined]);
  assert.equal((await api.get("/me")).status, 200);
});

test("a waiting request that is aborted rejects while the refresh goes on", async (t) => {
  let release;
  const wait = new Promise((resolve) => (release = resolve));
  const { api, client, server, pass } = await attached(t, { server: { fault: (name) => name === "token" && { wait } } });
  pass(301);
  const controller = new AbortController();
  const aborted = api.get("/me", { signal: controller.signal });
  const late = api.get("/me", { timeout: 30 });
  const token = client.getAccessToken();
  await sleep(20);
  controller.abort();
  await assert.rejects(aborted, (error) => axios.isCancel(error));
  await assert.rejects(late, { message: /^timeout / });
  release();
  assert.equal(await token, server.tokens().access_token);
  assert.deepEqual([server.seen.token.length, server.seen.api.length], [1, 0]);
});

test("where no token can be had the code is the client's, and the cause its error", async (t) => {
  const { api, server, pass } = await attached(t, { server: { fault: (name) => name === "token" && { status: 503 } } });
  pass(301);
  await assert.rejects(api.get("/me"), (error) =>
    axios.isAxiosError(error) && error.code === "ERR_REFRESH_UNAVAILABLE" && isTokenError(error.cause) && error.cause.retryable);
  assert.equal(server.seen.api.length, 0);
});

test("one-token mode: a renewed token that comes along is taken", async (t) => {
  const renewed = accessToken({ sub: "ann", jti: "next", iat: 1e9 + 60, exp: 1e9 + 360 });
  const fault = (name) => (name === "renew" ? { headers: { "x-token": renewed } } : undefined);
  const { api, client } = await attached(t, { server: { fault }, renewedTokenHeader: "x-token" });
  await api.get("/renew");
  assert.equal(await client.getAccessToken(), renewed);
});

test("detached, or with an adapter of its own, the instance sends as it did before", async (t) => {
  const { api, server, client, detach, sent } = await attached(t);
  const mock = async (config) => ({ data: "mocked", status: 200, statusText: "", headers: {}, config });
  assert.equal((await api.get("/me", { adapter: mock })).data, "mocked");
  detach();
  await api.get("/me", { validateStatus: () => true });
  assert.deepEqual(sent(), [undefined]);
  attach(api, client);
  await api.get("/me");
  assert.deepEqual(sent(), [undefined, bearer(server)]);
});
