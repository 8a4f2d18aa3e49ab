// A page on plain http, as on a device of the local network: no `crypto.subtle`, no locks (C33).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import { inBoth } from "./both.mjs";
import { rotating } from "./rotating.mjs";
import { pages } from "./server.mjs";
import { open } from "./webdriver.mjs";

inBoth((name) => {
  const server = rotating({ repeats: true });
  let files;
  let browser;

  before(async () => {
    files = await pages(() => {}, { routes: server.routes });
    // The server is its own proxy: so it has a name that is none of this machine's.
    browser = await open(name, { proxy: new URL(files.url).host });
    await browser.visit("http://router.test/tests/browsers/blank.html");
    assert.deepEqual(await browser.run(() => [isSecureContext, typeof crypto.subtle, typeof navigator.locks]), [false, "undefined", "undefined"]);
  });
  after(async () => {
    await browser?.close();
    await files?.close();
  });

  for (const alg of ["ES256", "RS256", "EdDSA"]) {
    test(`C33: ${alg} is verified in wasm by the fallback, and an error names the line to add where there is none`, { timeout: 60_000 }, async () => {
      const key = await edge.generateKey(alg);
      const token = await edge.createSigner({ key }).sign({ sub: "u" }, { expiresIn: 60 });
      const [sub, without, forged] = await browser.run(async (keys, token) => {
        const { createVerifier } = await import("/src/js/browser.js");
        const fallback = () => import("/src/js/edge/browser.js");
        const told = (answer) => answer.then(({ claims }) => claims.sub, ({ code, message }) => `${code}: ${message}`);
        const verify = (options, token) => told(createVerifier({ keys, ...options }).verify(token));
        const changed = token.replace(/\.[^.]*\./, `.${btoa('{"sub":"x","exp":9e9}').replaceAll("=", "")}.`);
        return [await verify({ fallback }, token), await verify({}, token), await verify({ fallback }, changed)];
      }, edge.publicJwk(key), token);
      assert.equal(sub, "u");
      assert.match(without, /^ERR_JOSE_NOT_SUPPORTED: .*fallback: \(\) => import\("evertoken\/edge"\)/);
      assert.match(forged, /^ERR_JWS_SIGNATURE_VERIFICATION_FAILED/);
    });
  }

  test("C33: a client refreshes, once for all who ask", { timeout: 60_000 }, async () => {
    const tokens = await browser.run(async (tokens) => {
      const { createClient } = await import("/src/js/browser.js");
      const client = createClient({ tokenEndpoint: "/token" });
      await client.setTokens(tokens);
      const all = await Promise.all(Array.from({ length: 5 }, () => client.getAccessToken({ forceRefresh: true })));
      client.dispose();
      return all;
    }, server.tokens("u", 60));
    assert.deepEqual(tokens, Array(5).fill("u.a1"));
    assert.equal(server.posts.length, 1);
    assert.match(server.posts[0].attempt ?? "", /^[\w-]{22}$/);
  });
});
