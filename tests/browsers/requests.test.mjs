// Requests of real pages: where their server sends them on to another origin, the token stays behind (C23).

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { inBoth } from "./both.mjs";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";
import { open } from "./webdriver.mjs";

inBoth((name) => {
  /** What reached either server: whose it is, its method and what it was sent with. */
  const seen = [];
  const noted = (whose, { method, headers: { authorization = "nothing" } }) => method !== "OPTIONS" && seen.push(`${whose} ${method} ${authorization}`);
  let elsewhere;
  let files;
  let browser;

  before(async () => {
    elsewhere = createServer((request, response) => {
      noted("other", request);
      const { origin = "*" } = request.headers;
      // Whoever would send the token is let do so.
      response.writeHead(200, { "access-control-allow-origin": origin, "access-control-allow-headers": "authorization", "access-control-allow-credentials": "true" }).end("{}");
    }).listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    const other = `http://127.0.0.1:${elsewhere.address().port}/`;
    const on = (status, location) => (_body, response, request) => (noted("own", request), response.writeHead(status, { location }).end());
    files = await pages(() => {}, {
      connect: `'self' ${other}`,
      routes: { ...rotating().routes, "/here": (_body, response, request) => (noted("own", request), response.end("{}")), "/moved": on(307, "/here"), "/away": on(302, other), "/awry": on(308, other), "/other": (_body, response) => response.end(other) },
    });
    browser = await open(name);
    await browser.visit(new URL("tab.html", files.url).href);
    await browser.run((tokens) => window.client.setTokens(tokens), rotating().tokens());
  });
  after(async () => {
    await browser?.close();
    await files?.close();
    elsewhere?.closeAllConnections();
    elsewhere?.close();
  });

  const fetched = async (path, init = {}) => {
    seen.length = 0;
    await browser.run((path, init) => window.client.fetch(path, init).then(({ status }) => status), path, init);
    return seen;
  };

  test("C23: the token goes along within the page's own origin, and to no other", { timeout: 60_000 }, async () => {
    assert.deepEqual(await fetched("/moved"), ["own GET Bearer u.a0", "own GET Bearer u.a0"]);
    assert.deepEqual(await fetched("/away"), ["own GET Bearer u.a0", "other GET nothing"]);
    assert.deepEqual(await fetched("/awry", { method: "POST", body: "text" }), ["own POST Bearer u.a0", "other POST nothing"]);
    const other = await browser.run(() => fetch("/other").then((response) => response.text()));
    assert.deepEqual(await fetched(other), ["other GET nothing"]);
  });
});
