// The browser says that the network is away, and that it is back: by the DevTools protocol, which Chromium alone has.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openBrowser } from "../demo/harness.mjs";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";

const browser = await openBrowser();
after(() => browser.close());

test("C10, C13: tabs whose network is away wait, and ask once when the browser says that it is back", { timeout: 120_000 }, async () => {
  const server = rotating({ life: 2 });
  const files = await pages(() => {}, { routes: server.routes });
  after(() => files.close());
  const context = await browser.newContext();
  const url = new URL(`tab.html?${new URLSearchParams({ client: JSON.stringify({ lockWait: 100, requestTimeout: 100 }) })}`, files.url).href;
  const tabs = await Promise.all(Array.from({ length: 3 }, async () => {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }));
  const all = (/** @type {string} */ wanted) => Promise.all(tabs.map((tab) => tab.waitForFunction((status) => client.getSnapshot().status === status, wanted)));
  await tabs[0].evaluate((tokens) => client.setTokens(tokens), server.tokens());
  await Promise.all(tabs.map((tab) => tab.waitForFunction(() => client.getSnapshot().generation >= 1)));

  await context.setOffline(true);
  await all("waiting");
  assert.equal(await tabs[0].evaluate(() => client.getAccessToken().catch(({ code }) => code)), "ERR_REFRESH_UNAVAILABLE");
  const before = server.posts.length;
  server.life = 300;
  await context.setOffline(false);
  await all("active");
  assert.equal(server.posts.length, before + 1);
  for (const tab of tabs) assert.deepEqual((await tab.evaluate(() => heard)).filter((event) => event.startsWith("ended")), []);
  await context.close();
});
