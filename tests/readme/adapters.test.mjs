// The recipes of docs/recipes.md for axios, React and Hono, taken out of it as they stand, with the real ones.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { pages } from "../browsers/server.mjs";
import { openBrowser } from "../demo/harness.mjs";
import { accessToken } from "../node/token-server.mjs";
import { examples, readersFolder } from "./blocks.mjs";

const { path, write, remove } = readersFolder({ axios: "axios", hono: "hono", react: "react", "react-dom": "react-dom" });
const imported = (name) => import(pathToFileURL(path(name)).href);

/** What a reader has beside the recipes. */
const application = `
import { generateKey } from "evertoken/edge";
import { memoryStore } from "evertoken/stores/memory";
export const store = memoryStore();
export const signingKey = await generateKey("ES256");
`;
const users = 'export const checkPassword = async ({ username, password }) => (password === "secret" ? username : undefined);\n';

before(() => {
  for (const [name, code] of Object.entries(examples("docs/recipes.md"))) write(name, code);
  write("application.js", application);
  write("users.js", users);
});
after(remove);

test("the recipe with axios sends the token, renews it, and leaves it out", async (t) => {
  const hostFetch = globalThis.fetch;
  const asked = [];
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const authorization = request.headers.get("authorization");
    asked.push([new URL(request.url).pathname, authorization]);
    if (request.url.endsWith("/token")) return Response.json({ access_token: "second", refresh_token: "r2", expires_in: 300 });
    return Response.json({ authorization }, { status: authorization === "Bearer first" ? 401 : 200 });
  };
  const { client, profile, news } = await imported("axios.js");
  t.after(() => (client.dispose(), (globalThis.fetch = hostFetch)));
  await client.setTokens({ access_token: "first", refresh_token: "r1", expires_in: 300 });
  assert.deepEqual(await profile(), { authorization: "Bearer second" });
  assert.deepEqual(await news(), { authorization: null });
  assert.deepEqual(asked, [["/profile", "Bearer first"], ["/token", null], ["/profile", "Bearer second"], ["/news", null]]);
});

test("the recipe with React shows who is signed in, and signs them out", async (t) => {
  write("main.jsx", `
    import { createRoot } from "react-dom/client";
    import { App, client } from "./react.jsx";
    createRoot(document.body).render(<App />);
    globalThis.client = client;
  `);
  const { outputFiles: [bundle] } = await build({
    entryPoints: [path("main.jsx")],
    bundle: true, write: false, format: "esm", target: "es2022", jsx: "automatic", define: { "process.env.NODE_ENV": '"production"' },
  });
  const answer = (/** @type {string} */ type, /** @type {string} */ text) => (_, response) => response.writeHead(200, { "content-type": type }).end(text);
  const server = await pages(() => {}, {
    routes: {
      "/": answer("text/html", '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="/src/js/browser/page.js"></script>'),
      // Where the wasm is, seen from it, is where it is, seen from the source.
      "/src/js/browser/page.js": answer("text/javascript", bundle.text),
      "/revoke": answer("application/json", "{}"),
    },
  });
  t.after(() => server.close());
  const browser = await openBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(new URL("/", server.url).href);
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await page.evaluate((token) => globalThis.client.setTokens({ access_token: token, refresh_token: "r", expires_in: 300 }), accessToken({ sub: "ada", iat: 1e9, exp: 1e9 + 300 }));
  await page.getByRole("button", { name: "Sign out, ada" }).click();
  await page.getByRole("link", { name: "Sign in" }).waitFor();
});

test("the recipe with Hono signs in, knows who asks, renews and signs out", async () => {
  const { default: app } = await imported("hono.js");
  const ask = (/** @type {string} */ path, headers = {}, body = undefined) =>
    app.fetch(new Request(`https://app.example${path}`, { method: body === undefined ? "GET" : "POST", headers: { "sec-fetch-site": "same-origin", ...headers }, body }));
  const cookies = (/** @type {Response} */ response) => response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const signIn = (/** @type {string} */ password) => ask("/sign-in", {}, JSON.stringify({ username: "ada", password }));

  assert.equal((await signIn("wrong")).status, 401);
  assert.equal(await (await ask("/")).text(), "Hello stranger");
  const entered = await signIn("secret");
  const { access_token: token } = await entered.json();
  const bearer = { authorization: `Bearer ${token}` };
  assert.deepEqual(await (await ask("/api/profile", bearer)).json(), { subject: "ada" });
  assert.equal(await (await ask("/api/pay", bearer, "")).text(), "paid");
  const refused = await ask("/api/profile");
  assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, "Bearer"]);
  const page = await ask("/", { cookie: cookies(entered).replace(/__Host-evertoken-access=\S+/, "") });
  assert.deepEqual([await page.text(), page.headers.getSetCookie().length], ["Hello ada", 3]);
  assert.equal((await ask("/sign-out", { cookie: cookies(page) }, "")).status, 204);
  assert.equal((await ask("/api/profile", bearer)).status, 401);
});
