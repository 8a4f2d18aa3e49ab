// The recipes of docs/recipes.md that need a browser, in Chromium: cookies with a worker in workerd, storage of one's own, plain http.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { copyAssets } from "../../www/scripts/assets.mjs";
import { ensureSecrets } from "../../www/scripts/secrets.mjs";
import { serve } from "../../www/scripts/serve.mjs";
import * as edge from "../../src/js/edge/node.js";
import { rotating } from "../browsers/rotating.mjs";
import { pages } from "../browsers/server.mjs";
import { openBrowser } from "../demo/harness.mjs";
import { examples, read, readersFolder } from "./blocks.mjs";

const { path, write, remove } = readersFolder();
const found = examples("docs/recipes.md");
// The import map stands for the reader's bundler.
const page = (script, root) => `<!doctype html><title>recipe</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "evertoken": "${root}/src/js/browser.js", "evertoken/edge": "${root}/src/js/edge/browser.js" } }</script>
<script type="module">globalThis.app = await import("${script}");</script>`;

let browser;

before(async () => {
  browser = await openBrowser("--host-resolver-rules=MAP router.test 127.0.0.1");
});
after(async () => {
  await browser?.close();
  remove();
});

const ready = (tab) => tab.waitForFunction(() => "app" in globalThis);

test("with cookies, page and renderer share a session, and neither shows its refresh token", async (t) => {
  copyAssets(path("dist"));
  write("dist/cookie-page.js", found["cookie-page.js"]);
  write("dist/index.html", page("/cookie-page.js", "/evertoken"));
  write("dist/_headers", "");
  write("worker.js", found["rendering.js"]);
  write("users.js", 'export const checkPassword = async ({ username, password }) => (password === "secret" ? username : undefined);\n');
  write("wrangler.jsonc", read("www/wrangler.jsonc").replace("worker/index.js", "worker.js"));
  ensureSecrets(path(".dev.vars"));
  const worker = await serve({ port: 0, state: path("state"), config: path("wrangler.jsonc") });
  t.after(() => worker.stop());

  const context = await browser.newContext();
  const tab = await context.newPage();
  const rendered = async () => (await (await tab.goto(`${worker.url}hello`)).text()).replace(/.*<p>/s, "");
  const jar = async () => (await context.cookies()).map(({ name }) => name).sort();
  assert.equal(await rendered(), "Please sign in");

  await tab.goto(worker.url);
  await ready(tab);
  await assert.rejects(tab.evaluate(() => globalThis.app.signIn({ username: "ada", password: "wrong" })));
  await tab.evaluate(() => globalThis.app.signIn({ username: "ada", password: "secret" }));
  assert.deepEqual(await jar(), ["__Host-evertoken", "__Host-evertoken-access", "__Host-evertoken-attempt"]);
  const seen = await tab.evaluate(() => [document.cookie, { ...localStorage }]);
  assert.match(seen[0], /^__Host-evertoken-attempt=\S+$/);
  assert.deepEqual(seen[1], {});

  assert.equal(await rendered(), "Welcome back");
  await context.clearCookies({ name: "__Host-evertoken-access" });
  assert.equal(await rendered(), "Welcome back");
  assert.equal((await jar()).length, 3);

  // The page starts with nothing stored, and is signed in.
  await tab.goto(worker.url);
  await ready(tab);
  assert.match(await tab.evaluate(() => globalThis.app.client.getAccessToken()), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(await tab.evaluate(() => globalThis.app.client.getClaims().sub), "ada");
  await tab.evaluate(() => globalThis.app.client.signOut());
  assert.equal(await rendered(), "Please sign in");
  await context.close();
});

test("tokens in the encrypted storage outlive a reload, serve two tabs, and cannot be read there", async (t) => {
  const server = rotating({ repeats: true });
  const give = (body, type = "text/javascript") => (_, response) => void response.writeHead(200, { "content-type": type }).end(body);
  const files = await pages(() => {}, {
    routes: {
      ...server.routes,
      "/": give(page("/encrypted-page.js", ""), "text/html"),
      "/encrypted-page.js": give(found["encrypted-page.js"]),
      "/encrypted-storage.js": give(found["encrypted-storage.js"]),
    },
  });
  t.after(() => files.close());
  const context = await browser.newContext();
  const open = async () => {
    const tab = await context.newPage();
    await tab.goto(new URL("/", files.url).href);
    await ready(tab);
    await tab.evaluate(() => globalThis.app.client.ready);
    return tab;
  };
  const one = await open();
  await one.evaluate((tokens) => globalThis.app.client.setTokens(tokens), server.tokens("u", 60));
  assert.equal(await one.evaluate(() => globalThis.app.client.getAccessToken({ forceRefresh: true })), "u.a1");
  const kept = await one.evaluate(() => Object.values(localStorage));
  assert.equal(kept.length, 1);
  assert.doesNotMatch(Buffer.from(kept[0], "base64").toString("latin1"), /token|u\.a1/);
  await one.reload();
  await ready(one);
  assert.equal(await one.evaluate(() => globalThis.app.client.getAccessToken()), "u.a1");
  const two = await open();
  assert.equal(await two.evaluate(() => globalThis.app.client.getAccessToken()), "u.a1");
  await two.evaluate(() => globalThis.app.client.getAccessToken({ forceRefresh: true }));
  await one.waitForFunction(() => globalThis.app.client.getAccessToken().then((token) => token === "u.a2"));
  assert.equal(server.posts.length, 2);
  await context.close();
});

test("a page on plain http verifies with the second module", async (t) => {
  const give = (body, type = "text/javascript") => (_, response) => void response.writeHead(200, { "content-type": type }).end(body);
  const files = await pages(() => {}, { routes: { "/": give(page("/plain-http.js", ""), "text/html"), "/plain-http.js": give(found["plain-http.js"]) } });
  t.after(() => files.close());
  const key = await edge.generateKey("ES256");
  const token = await edge.createSigner({ key }).sign({ sub: "ada" }, { expiresIn: 60 });
  const tab = await browser.newPage();
  await tab.goto(new URL("/", files.url).href.replace("127.0.0.1", "router.test"));
  await ready(tab);
  assert.equal(await tab.evaluate(() => isSecureContext), false);
  const verified = await tab.evaluate(([keys, token]) => globalThis.app.verifier(keys).verify(token), /** @type {const} */ ([edge.publicJwk(key), token]));
  assert.equal(verified.claims.sub, "ada");
  await tab.close();
});
