// Real React with a client behind it: on a server, and in Chromium in strict mode.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { useSnapshot } from "../../src/js/adapters/react.js";
import { createClient, isTokenError } from "../../src/js/node.js";
import { pages } from "../browsers/server.mjs";
import { openBrowser } from "../demo/harness.mjs";
import { accessToken } from "../node/token-server.mjs";
import { app } from "./react-app.mjs";

/** The tokens of a generation, whose user has another name each time. */
const tokens = (generation) => ({
  access_token: accessToken({ sub: "ann", name: `name ${generation}`, iat: 1e9 + generation, exp: 1e9 + 300 + generation }),
  refresh_token: `r${generation}`, expires_in: 300, token_type: "Bearer", session_id: "h.s", generation,
});
const nobodyYet = '<b id="status">loading</b><i id="name">nobody</i>';

test("a server renders that it does not know, also with a client that is signed in", async (t) => {
  const client = createClient({ storage: "memory" });
  t.after(() => client.dispose());
  await client.setTokens(tokens(0));
  assert.equal(renderToString(app(client)), nobodyYet);
});

test("without a provider the hooks say what is missing", () => {
  const Lost = () => createElement("p", null, useSnapshot().status);
  assert.throws(() => renderToString(createElement(Lost)), (error) => isTokenError(error) && error.code === "ERR_OPTIONS" && error.option === "client");
});

let browser, server, page;

before(async () => {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [fileURLToPath(new URL("react-page.mjs", import.meta.url))],
    bundle: true, write: false, format: "esm", target: "es2022", define: { "process.env.NODE_ENV": '"development"' },
  });
  let generation = 0;
  const send = (type, text) => (_, response) => response.writeHead(200, { "content-type": type }).end(text());
  server = await pages(() => {}, {
    routes: {
      "/": send("text/html", () => `<!doctype html><link rel="icon" href="data:,"><div id="root">${nobodyYet}</div><script type="module" src="/src/js/browser/page.js"></script>`),
      // Where the wasm is, seen from it, is where it is, seen from the source.
      "/src/js/browser/page.js": send("text/javascript", () => bundle.text),
      "/token": send("application/json", () => JSON.stringify(tokens(++generation))),
      "/revoke": send("application/json", () => "{}"),
    },
  });
  browser = await openBrowser();
  page = await browser.newPage();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const open = async () => {
  await page.goto(new URL("/", server.url).href);
  await page.waitForFunction(() => "react" in globalThis);
};
const shows = (status, name) =>
  page.waitForFunction(([status, name]) => document.getElementById("status")?.textContent === status && document.getElementById("name")?.textContent === name, [status, name]);
const within = (run, argument) => page.evaluate(run, argument);
const untroubled = async () => assert.deepEqual(await within(() => globalThis.react.complaints), []);

test("a page shows who signs in, what a refresh brings, and that nobody is left", async () => {
  await open();
  await shows("signedOut", "nobody");
  await within((first) => globalThis.react.client.setTokens(first), tokens(0));
  await shows("active", "name 0");
  await within(() => globalThis.react.client.getAccessToken({ forceRefresh: true }));
  await shows("active", "name 1");
  await within(() => globalThis.react.client.signOut());
  await shows("signedOut", "nobody");
  await untroubled();
});

test("a page of somebody who is signed in takes over what the server rendered, and then shows them", async () => {
  await within((first) => globalThis.react.client.setTokens(first), tokens(0));
  await open();
  assert.equal(await within(() => globalThis.react.before), "loadingnobody");
  await shows("active", "name 0");
  await untroubled();
  // At the takeover nobody, and from then on one object, however often it is rendered.
  const known = await within(() => globalThis.react.rendered.map((claims) => claims && new Set(globalThis.react.rendered.filter(Boolean)).size));
  assert.deepEqual([known[0], new Set(known.filter(Boolean))], [null, new Set([1])]);
});

test("strict mode leaves one listener for each hook, and unmounting none", async () => {
  assert.equal(await within(() => globalThis.react.listening.size), 2);
  await within(() => globalThis.react.root.unmount());
  assert.equal(await within(() => globalThis.react.listening.size), 0);
  await within(() => globalThis.react.client.signOut());
  await untroubled();
});
