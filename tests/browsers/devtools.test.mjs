// What only the DevTools protocol does to pages, and so only Chromium shows: they freeze, and lose their network.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "../demo/harness.mjs";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";

const force = { forceRefresh: true };
let browser;

before(async () => void (browser = await openBrowser()));
after(() => browser?.close());

/** A test with tabs of its own, all of them in one context. */
const scenario = (name, { client = {}, ...options }, run) =>
  test(name, { timeout: 120_000 }, async () => {
    const server = rotating(options);
    const files = await pages(() => {}, { routes: server.routes });
    const context = await browser.newContext();
    const url = new URL(`tab.html?${new URLSearchParams({ client: JSON.stringify({ lockWait: 100, requestTimeout: 100, ...client }) })}`, files.url).href;
    const open = async () => {
      const page = await context.newPage();
      await page.goto(url);
      const cdp = await context.newCDPSession(page);
      return {
        page,
        freeze: async () => {
          await page.evaluate(() => document.addEventListener("freeze", () => (globalThis.froze = true)));
          await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
        },
        thaw: async () => {
          await cdp.send("Page.setWebLifecycleState", { state: "active" });
          assert.equal(await page.evaluate(() => globalThis.froze), true, "the browser froze it");
        },
        signIn: (user = "u") => page.evaluate((tokens) => client.setTokens(tokens), server.tokens(user)),
        token: (wanted = {}) => page.evaluate((wanted) => client.getAccessToken(wanted).catch(({ code }) => code), wanted),
        is: (status) => page.waitForFunction((status) => client.getSnapshot().status === status, status),
        reaches: (generation) => page.waitForFunction((least) => client.getSnapshot().generation >= least, generation),
        heardOf: async (events) => (await page.evaluate(() => heard)).filter((event) => events.test(event)),
      };
    };
    /** So many tabs of one user, all of whom know it. */
    const signedIn = async (count) => {
      const tabs = await Promise.all(Array.from({ length: count }, open));
      await tabs[0].signIn();
      await Promise.all(tabs.map((tab) => tab.reaches(1)));
      return tabs;
    };
    try {
      await run({ server, context, signedIn });
    } finally {
      await context.close();
      await files.close();
    }
  });

scenario("C4: a tab that freezes while it refreshes holds nobody up, and overwrites nothing when it thaws", { repeats: true, client: { lockWait: 1 } }, async ({ server, signedIn }) => {
  const [frozen, other] = await signedIn(2);
  const go = server.hold();
  const asked = frozen.token(force);
  while (server.posts.length === 0) await frozen.page.waitForTimeout(10);
  await frozen.freeze();
  server.held = undefined;
  assert.equal(await other.token(force), "u.a1");
  assert.equal(await other.token(force), "u.a2");
  go();
  await frozen.thaw();
  assert.match(await asked, /^u\.a[12]$/);
  assert.equal(await frozen.token(), "u.a2");
  assert.deepEqual((await other.page.evaluate(() => Object.keys(localStorage))).map((key) => key.split(":")[2]).filter(Boolean), ["3"]);
  assert.deepEqual(await frozen.heardOf(/ended/), []);
});

scenario("C28: a tab that was frozen while another user signed in is theirs when it thaws", {}, async ({ signedIn }) => {
  const [one, late] = await signedIn(2);
  // None where it read of the first user when it started.
  const before = (await late.heardOf(/sessionChanged/)).length;
  await late.freeze();
  await one.signIn("v");
  await late.thaw();
  await late.page.waitForFunction((before) => heard.filter((event) => event === "sessionChanged").length > before, before);
  assert.equal(await late.token(), "v.a0");
});

scenario("C10, C13: tabs whose network is away wait, and ask once when the browser says that it is back", { life: 2 }, async ({ server, context, signedIn }) => {
  const tabs = await signedIn(3);
  await context.setOffline(true);
  for (const tab of tabs) await tab.is("waiting");
  assert.equal(await tabs[0].token(), "ERR_REFRESH_UNAVAILABLE");
  const before = server.posts.length;
  server.life = 300;
  await context.setOffline(false);
  for (const tab of tabs) await tab.is("active");
  assert.equal(server.posts.length, before + 1);
  for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended/), []);
});
