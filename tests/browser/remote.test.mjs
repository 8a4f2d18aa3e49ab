// Remote keys in Chromium: the suite, and what only a browser does with redirects, CORS and its HTTP cache.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../demo/harness.mjs";
import { keyServer, publishing } from "../node/key-server.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const entries = ["/src/js/browser.js", "/src/js/edge/browser.js"];
const cors = { "access-control-allow-origin": "*" };

let files;
let browser;
let page;

before(async () => {
  // Not a server of keys, but a server: the project as a page sees it.
  files = await keyServer(async ({ url }, response) => {
    const type = types[extname(url)];
    if (!type) return response.setHeader("content-type", "text/html").end("<!doctype html><title>keys</title>");
    response.setHeader("content-type", type).end(await readFile(root + url));
  });
  browser = await openBrowser();
  page = await browser.newPage();
  await page.goto(`${files.origin}/`);
});
after(async () => {
  await browser?.close();
  await files?.stop();
});

for (const entry of entries) {
  test(`V5: the suite of remote keys in Chromium (${entry})`, async () => {
    const { count, failures } = await page.evaluate(async (entry) => {
      const { testRemote } = await import("/tests/suites/remote.mjs");
      const tests = [];
      testRemote({ test: (name, run) => tests.push({ name, run }), evertoken: await import(entry) });
      const failures = [];
      for (const { name, run } of tests) await run().catch((error) => failures.push(`${name}: ${error.stack}`));
      return { count: tests.length, failures };
    }, entry);
    assert.deepEqual(failures, []);
    assert.ok(count > 15, `${count} tests`);
  });

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
