// Several tabs in Chromium: which of them is the first, and when they all are left alone (C30, C40).

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { openBrowser } from "../demo/harness.mjs";
import { tabsIn } from "./tabs.mjs";

let browser;

before(async () => void (browser = await openBrowser()));
after(() => browser?.close());

const scenario = (name, options, run) =>
  test(name, async () => {
    const world = await tabsIn(browser, options);
    try {
      await run(world);
    } finally {
      await world.close();
    }
  });

/** Waits until a page's client has told of the countdown so often. */
const counted = ({ page }, times) =>
  page.waitForFunction((times) => heard.filter(([event]) => event === "idleCountdown").length >= times, times, { timeout: 20_000 });
/** `tabs.mjs` listens to what ends and changes a session; here the countdown counts. */
const listen = ({ page }) => page.evaluate(() => void client.on("idleCountdown", () => heard.push(["idleCountdown"])));

scenario("C30: all tabs count down, a key in one of them stops it in all, and left alone all end at once", { client: { idleTimeout: 6 } }, async (world) => {
  const [one, two] = await world.openAll(2);
  await Promise.all([one, two].map(listen));
  await one.signIn();
  await two.reaches(1);
  await Promise.all([counted(one, 1), counted(two, 1)]);
  await two.page.keyboard.press("a");
  await Promise.all([counted(one, 2), counted(two, 2)]);
  assert.deepEqual(await Promise.all([one.ends(), two.ends()]), ["idle", "idle"]);
  assert.deepEqual(await one.stored(), []);
  while (world.server.revoked.length === 0) await sleep(20);
  // Tabs that end at the same moment both tell the server, of the same session.
  assert.deepEqual(new Set(world.server.revoked), new Set(["u.r0"]));
});

scenario("C40: with \"always\" the first live tab refreshes, a later one and a reload beside it do not", { client: { refreshOnStart: "always" } }, async (world) => {
  const first = await world.open({ refreshOnStart: "if-needed" });
  await first.signIn();
  await first.page.close();
  const tab = await world.open();
  await tab.reaches(2);
  assert.equal(world.server.posts.length, 1);
  const beside = await world.open();
  assert.equal(await beside.token(), "u.a1");
  await beside.visit();
  await sleep(300);
  assert.equal(world.server.posts.length, 1);
  // The last one that lives begins anew.
  await beside.page.close();
  await tab.visit();
  await tab.reaches(3);
  assert.equal(world.server.posts.length, 2);
});
