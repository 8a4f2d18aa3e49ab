// The recipes of docs/recipes.md that need no browser, taken out of it as they stand and run against each other.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isTokenError } from "../../src/js/node.js";
import { generateKey } from "../../src/js/edge/node.js";
import { startRedis } from "../stores/redis-server.mjs";
import { examples, readersFolder } from "./blocks.mjs";

const { folder, path, write, remove } = readersFolder({ redis: "@redis/client" });
const imported = (name) => import(pathToFileURL(path(name)).href);
const { fetch: hostFetch, Request: HostRequest } = globalThis;

/** What a reader has beside the recipes. */
const application = `
import { createIssuer, generateKey } from "evertoken/edge";
import { memoryStore } from "evertoken/stores/memory";
export const store = memoryStore();
export const signingKey = await generateKey("ES256");
const roles = new Map();
export const roleOf = async (subject) => roles.get(subject) ?? "reader";
export const setRole = async (subject, role) => void roles.set(subject, role);
export const clock = { ahead: 0 };
export const now = () => Date.now() + clock.ahead * 1000;
export const issuer = createIssuer({ issuer: "https://app.example", audience: "https://app.example", signingKeys: [signingKey], secrets: ["x".repeat(32)], store });
`;
const users = `
export const checkPassword = async ({ username, password }) => (password === "secret" ? username : undefined);
export const checkCode = async (subject, code) => code === "123456";
`;

/** The page of an application: relative addresses and requests reach it, and nobody else. */
function pageOf(app) {
  const asked = [];
  globalThis.location = { href: "https://app.example/" };
  globalThis.Request = class extends HostRequest {
    constructor(input, init) {
      super(typeof input === "string" ? new URL(input, "https://app.example/") : input, init);
    }
  };
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(new URL(request.url).pathname);
    return app.fetch(request);
  };
  return asked;
}

before(() => {
  for (const [name, code] of Object.entries(examples("docs/recipes.md"))) write(name, code);
  write("application.js", application);
  write("users.js", users);
});
afterEach(() => {
  Object.assign(globalThis, { fetch: hostFetch, Request: HostRequest });
  delete globalThis.location;
});
after(remove);

const post = (app, path, body, headers = {}) => app.fetch(new Request(`https://app.example${path}`, { method: "POST", body, headers }));
const bearer = (token) => ({ authorization: `Bearer ${token}` });

test("a role that changes is in the next answer, and nobody notices", async (t) => {
  const { default: app } = await imported("roles.js");
  const { createClient } = await imported("node_modules/evertoken/src/js/node.js");
  const asked = pageOf(app);
  const client = createClient({ tokenEndpoint: "/token", clientId: "web", storage: "memory" });
  t.after(() => client.dispose());
  await client.setTokens(await (await post(app, "/sign-in")).json());
  const role = async () => (await (await client.fetch("/api/role")).json()).role;
  assert.equal(await role(), "reader");
  await post(app, "/api/promote?who=ada");
  assert.equal(await role(), "editor");
  assert.deepEqual(asked, ["/api/role", "/api/role", "/token", "/api/role"]);
});

test("the sixth guess is locked out, and so is the right password then", async () => {
  const { signIn } = await imported("lockout.js");
  const guess = (password, username = "ada") => signIn(new Request("https://app.example/sign-in", { method: "POST", body: JSON.stringify({ username, password }) }), "192.0.2.1");
  assert.equal((await guess("secret")).status, 200);
  for (let wrong = 0; wrong < 5; wrong++) assert.equal((await guess("wrong")).status, 401);
  const locked = await guess("secret");
  assert.deepEqual([locked.status, Number(locked.headers.get("retry-after")) > 800], [429, true]);
  assert.equal((await guess("secret", "ben")).status, 200);
});

test("a payment asks for a second factor and gets it, in the same session", async () => {
  const { pay, secondFactor } = await imported("step-up.js");
  const { issuer } = await imported("application.js");
  const tokens = await issuer.issue({ subject: "ada", clientId: "web" });
  const request = (token, body) => new Request("https://app.example/", { method: "POST", headers: bearer(token), body });
  const refused = await pay(request(tokens.access_token));
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate"), /insufficient_user_authentication.*acr_values="mfa"/);
  assert.equal((await secondFactor(request(tokens.access_token, "000000"))).status, 403);
  assert.equal((await secondFactor(request(tokens.access_token, "123456"))).status, 204);
  const next = await issuer.refresh(tokens.refresh_token, { clientId: "web" });
  assert.equal(next.session_id, tokens.session_id);
  assert.equal((await pay(request(next.access_token))).status, 200);
});

test("another server's protocol renews, waits and ends", async (t) => {
  const answers = [() => Response.json({ access: "a2", refresh: "r2", seconds: 300 }), () => new Response(null, { status: 502 }), () => new Response(null, { status: 401 })];
  const sent = [];
  globalThis.fetch = async (url, { body }) => {
    sent.push([url, JSON.parse(body).token]);
    return answers[Math.min(sent.length, answers.length) - 1]();
  };
  const { client } = await imported("foreign.js");
  t.after(() => client.dispose());
  await client.setTokens({ access_token: "a1", refresh_token: "r1", expires_in: 300 });
  assert.equal(await client.getAccessToken({ forceRefresh: true }), "a2");
  const later = await client.getAccessToken({ forceRefresh: true }).catch((error) => error);
  assert.ok(isTokenError(later) && later.retryable, String(later));
  assert.equal(await client.getAccessToken(), "a2");
  // The pause is over a second later.
  await new Promise((waited) => setTimeout(waited, 1500));
  const over = await client.getAccessToken({ forceRefresh: true }).catch((error) => error);
  assert.deepEqual([isTokenError(over), over.retryable], [true, false]);
  assert.deepEqual(sent, [["https://id.example/v1/renew", "r1"], ["https://id.example/v1/renew", "r2"], ["https://id.example/v1/renew", "r2"]]);
});

test("one token is renewed in passing, and the page takes it", async (t) => {
  const { default: app } = await imported("one-token.js");
  const { clock } = await imported("application.js");
  pageOf(app);
  const { client } = await imported("one-token-page.js");
  t.after(() => client.dispose());
  const signIn = async (password) => post(app, "/sign-in", JSON.stringify({ username: "ada", password }));
  assert.equal((await signIn("wrong")).status, 401);
  await client.setTokens(await (await signIn("secret")).json());
  const first = await client.getAccessToken();
  assert.deepEqual(await (await client.fetch("/api")).json(), { subject: "ada" });
  assert.equal(await client.getAccessToken(), first);
  clock.ahead = 700; // near its end
  assert.deepEqual(await (await client.fetch("/api")).json(), { subject: "ada" });
  const second = await client.getAccessToken();
  assert.notEqual(second, first);
  clock.ahead = 1000; // the first one is over
  assert.deepEqual(await (await client.fetch("/api")).json(), { subject: "ada" });
  assert.equal((await app.fetch(new Request("https://app.example/api", { headers: bearer(first) }))).status, 401);
});

test("without a store, tokens are renewed and nothing is revoked", async (t) => {
  const { default: app } = await imported("stateless.js");
  const { createClient } = await imported("node_modules/evertoken/src/js/node.js");
  pageOf(app);
  const client = createClient({ tokenEndpoint: "/token", clientId: "web", storage: "memory" });
  t.after(() => client.dispose());
  const tokens = await (await post(app, "/sign-in", JSON.stringify({ username: "ada", password: "secret" }))).json();
  assert.ok(tokens.session_expires_in <= 86_400);
  await client.setTokens(tokens);
  await client.getAccessToken({ forceRefresh: true });
  assert.deepEqual(await (await client.fetch("/api")).json(), { subject: "ada" });
  const copy = await post(app, "/token", new URLSearchParams({ grant_type: "refresh_token", client_id: "web", refresh_token: tokens.refresh_token }));
  assert.equal(copy.status, 200);
});

test("the Node server signs in, renews and answers, over Redis", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, PORT: "0", REDIS_URL: redis.url, SIGNING_KEY: JSON.stringify(await generateKey("ES256")), REFRESH_SECRET: "x".repeat(32) };
  // It listens by itself; where, it is asked.
  const ask = 'const { server } = await import("./server.mjs"); server.listening || (await new Promise((done) => server.once("listening", done))); console.log(server.address().port);';
  const child = spawn(process.execPath, ["--input-type=module", "-e", ask], { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill());
  const port = await new Promise((resolve, reject) => {
    child.stdout.on("data", (said) => resolve(Number(said)));
    child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
  });
  const send = (path, body, headers) => fetch(`http://127.0.0.1:${port}${path}`, { method: body === undefined ? "GET" : "POST", body, headers });
  const refresh = (token) => send("/token", new URLSearchParams({ grant_type: "refresh_token", client_id: "web", refresh_token: token }));
  assert.equal((await send("/sign-in", JSON.stringify({ username: "ada", password: "wrong" }))).status, 401);
  const tokens = await (await send("/sign-in", JSON.stringify({ username: "ada", password: "secret" }))).json();
  const next = await (await refresh(tokens.refresh_token)).json();
  assert.equal(next.generation, 2);
  assert.deepEqual(await (await send("/api/profile", undefined, bearer(next.access_token))).json(), { subject: "ada" });
  assert.equal((await send("/api/profile", undefined, bearer("wrong"))).status, 401);
  await redis.stop();
  assert.equal((await refresh(next.refresh_token)).status, 503);
});
