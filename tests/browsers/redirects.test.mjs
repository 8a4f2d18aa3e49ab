// Keys that a server publishes, in Chromium: what only a browser does with redirects, CORS and its HTTP cache.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "../demo/harness.mjs";
import { keyServer, publishing } from "../node/key-server.mjs";
import { pages } from "./server.mjs";

const entries = ["/src/js/browser.js", "/src/js/edge/browser.js"];
const cors = { "access-control-allow-origin": "*" };

let files;
let browser;
let page;

before(async () => {
  files = await pages(() => {}, { connect: "*" });
  browser = await openBrowser();
  page = await browser.newPage();
  await page.goto(new URL("blank.html", files.url).href);
});
after(async () => {
  await browser?.close();
  files?.close();
});

for (const entry of entries) {
  test(`V5: redirects, CORS and the HTTP cache of Chromium (${entry})`, async () => {
    const other = await keyServer(publishing([], cors));
    const server = await keyServer(({ url }, response) => {
      if (url === "/same") return response.writeHead(302, { ...cors, location: "/jwks" }).end();
      if (url === "/away") return response.writeHead(302, { ...cors, location: other.url }).end();
      publishing([], { ...(url !== "/closed" && cors), "cache-control": "max-age=60" })(null, response);
    });
    const ready = (path) => page.evaluate(async ([entry, url]) => {
      const { createVerifier } = await import(entry);
      return createVerifier({ keys: { url } }).ready.then(() => "ready", ({ code }) => code);
    }, [entry, server.origin + path]);
    try {
      assert.equal(await ready("/same"), "ready");
      assert.equal(await ready("/away"), "ERR_JWKS_INVALID");
      assert.equal(await ready("/closed"), "ERR_JWKS_UNAVAILABLE");
      server.requests.length = 0;
      // Another verifier, or a later fetch of the same, asks the server: the browser's cache may be stale.
      assert.deepEqual([await ready("/jwks"), await ready("/jwks")], ["ready", "ready"]);
      assert.equal(server.requests.length, 2);
    } finally {
      await Promise.all([server.stop(), other.stop()]);
    }
  });
}
