// The cookie transport with a real jar: what browsers take, send, show to pages and let other sites do.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createIssuer, generateKey } from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { open } from "./webdriver.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const types = { js: "text/javascript", wasm: "application/wasm" };

/** An application on a name of the loopback, which browsers trust without https: sign-in, sign-out, a page that knows who asks, and the issuer's endpoints. */
const application = async () => {
  const events = [];
  const answers = [];
  const clock = { ahead: 0 };
  let issuer;
  const answer = async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/login") return issuer.signInResponse(request, { subject: "ada", clientId: "web" });
    if (pathname === "/logout") return issuer.signOutResponse(request);
    if (pathname === "/page") {
      const signedIn = await issuer.authenticate(request);
      const headers = signedIn?.headers ?? new Headers();
      headers.set("content-type", "text/html");
      return new Response(`<title>${signedIn?.claims.sub ?? "nobody"}</title>`, { headers });
    }
    const file = /^\/(src\/js|pkg)\/[\w/.-]+\.(js|wasm)$/.exec(pathname);
    if (file && !pathname.includes("..")) return new Response(await readFile(root + pathname.slice(1)), { headers: { "content-type": types[file[2]] } });
    return (await issuer.handle(request)) ?? new Response("", { status: 404 });
  };
  const server = createServer(async (from, to) => {
    const chunks = [];
    for await (const chunk of from) chunks.push(chunk);
    const request = new Request(`http://${from.headers.host}${from.url}`, { method: from.method, headers: from.headers, body: chunks.length > 0 ? Buffer.concat(chunks) : undefined });
    const response = await answer(request);
    if (from.method === "POST") answers.push([from.url, from.headers["sec-fetch-site"], response.status]);
    to.writeHead(response.status, { ...Object.fromEntries(response.headers), "set-cookie": response.headers.getSetCookie() });
    to.end(Buffer.from(await response.arrayBuffer()));
  });
  await new Promise((listening) => server.listen(0, "localhost", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  issuer = createIssuer({
    issuer: "https://app.example",
    audience: "api",
    signingKeys: [await generateKey("ES256")],
    secrets: ["0123456789abcdef0123456789abcdef"],
    store: memoryStore(),
    cookie: true,
    now: () => Date.now() + clock.ahead * 1000,
    onEvent: ({ type }) => events.push(type),
  });
  return { events, answers, clock, at: (path, host = "app.example.localhost") => `http://${host}:${port}${path}`, close: () => (server.closeAllConnections(), server.close()) };
};

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`C37, C52: the cookie transport in ${name}`, { timeout: 120_000 }, async (t) => {
    const app = await application();
    t.after(app.close);
    const browser = await open(name);
    t.after(browser.close);
    const title = () => browser.run(() => document.title);
    const visit = async (path, host) => (await browser.visit(app.at(path, host)), title());

    assert.equal(await visit("/page"), "nobody");
    const tokens = await browser.run(() => fetch("/login", { method: "POST" }).then((response) => response.json()));
    assert.deepEqual([tokens.generation, "refresh_token" in tokens], [1, false]);
    assert.match(await browser.run(() => document.cookie), /^__Host-evertoken-attempt=1\.[\w-]{22,64}$/);
    assert.equal(await visit("/page"), "ada");

    const client = async () => {
      const { createClient } = await import("/src/js/browser.js");
      const client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", clientId: "web", refreshTokenTransport: "cookie" });
      await client.ready;
      return { token: await client.getAccessToken({ forceRefresh: true }), ...client.getSnapshot() };
    };
    const held = await browser.run(client);
    assert.deepEqual([held.subject, held.generation, held.status], ["ada", 2, "active"]);

    // The browser still holds the access token, and the server knows that it is over.
    app.clock.ahead += 400;
    assert.equal(await visit("/page"), "ada");
    assert.match(await browser.run(() => document.cookie), /attempt=3\./);

    app.answers.length = 0;
    for (const host of ["127.0.0.1", "sibling.example.localhost"]) {
      await visit("/page", host);
      await browser.run(
        (targets) => Promise.all(targets.map((url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({ grant_type: "refresh_token" }) }))).then(() => {}),
        ["/token", "/revoke", "/logout", "/login"].map((path) => app.at(path)),
      );
    }
    assert.deepEqual(new Set(app.answers.map(([, site, status]) => `${site} ${status}`)), new Set(["cross-site 403", "same-site 403"]));
    assert.equal(app.answers.length, 8);
    assert.equal(await visit("/page"), "ada");

    assert.equal(await browser.run(() => fetch("/logout", { method: "POST" }).then(({ status }) => status)), 204);
    assert.deepEqual([await browser.run(() => document.cookie), await visit("/page")], ["", "nobody"]);
    assert.deepEqual(app.events, ["issued", "refreshed", "refreshed", "revoked"]);
  });
}
