// The content security policy of the README, served as it stands there to a page that uses the package.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import { pages } from "../browsers/server.mjs";
import { openBrowser } from "../demo/harness.mjs";
import { examples } from "./blocks.mjs";

const policy = examples("README.md")["policy.txt"].trim();

const script = `
import { createClient, createVerifier } from "/src/js/browser.js";
globalThis.app = {
  signedIn: async () => {
    const client = createClient({ tokenEndpoint: "/token", clientId: "web", storage: "memory" });
    await client.setTokens({ access_token: "a", refresh_token: "r", expires_in: 300 });
    return client.getAccessToken();
  },
  subject: async (keys, token) => (await createVerifier({ keys }).verify(token)).claims.sub,
};
`;

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** A page under this policy. */
async function under(t, header) {
  const give = (/** @type {string} */ type, /** @type {string} */ text) => (_, response) =>
    void response.writeHead(200, { "content-type": type, "content-security-policy": header }).end(text);
  const server = await pages(() => {}, {
    routes: {
      "/": give("text/html", '<!doctype html><title>policy</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'),
      "/page.js": give("text/javascript", script),
    },
  });
  t.after(() => server.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(new URL("/", server.url).href);
  await page.waitForFunction(() => "app" in globalThis);
  return page;
}

test("a client and a verifier work under the policy", async (t) => {
  const page = await under(t, policy);
  assert.equal(await page.evaluate(() => globalThis.app.signedIn()), "a");
  const key = await edge.generateKey("ES256");
  const token = await edge.createSigner({ key }).sign({ sub: "ada" }, { expiresIn: 60 });
  assert.equal(await page.evaluate(([keys, token]) => globalThis.app.subject(keys, token), /** @type {const} */ ([edge.publicJwk(key), token])), "ada");
});

test("without its word for wasm they do not", async (t) => {
  const word = " 'wasm-unsafe-eval'";
  assert.ok(policy.includes(word));
  const page = await under(t, policy.replace(word, ""));
  await assert.rejects(page.evaluate(() => globalThis.app.signedIn()), /ERR_NOT_READY|wasm/i);
});
