// Four tabs of one user of the demo, for as many renewals as are asked for: one POST each. Then the lid is closed.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { generation, logged, openPage, shownGeneration, signIn } from "./harness.mjs";

const TABS = 4;
/** Milliseconds. */
const NIGHT = 8 * 3_600_000;

/**
 * @param {{ browser: import("playwright-core").Browser, url: string, renewals: number, life: number }} given  `life`: of an access token, in seconds
 */
export async function fourTabs({ browser, url, renewals: wanted, life }) {
  const { page, context, renewals, close } = await openPage(browser, url);
  await signIn(page);
  const tabs = [page];
  while (tabs.length < TABS) {
    const tab = await context.newPage();
    await tab.goto(url);
    await tab.getByRole("button", { name: "Sign out" }).waitFor();
    tabs.push(tab);
  }
  const until = (n, seconds) => Promise.all(tabs.map((tab) => generation(tab, n, seconds * 1000)));
  const none = async (event) => {
    for (const tab of tabs) assert.deepEqual(await logged(tab, event), []);
  };

  /** The sign-in is generation 1. */
  const shown = async () => Math.max(...(await Promise.all(tabs.map(shownGeneration)))) - 1;
  /** How many renewals there were: as many as POSTs, once what each of them brought is shown. */
  const renewed = async () => {
    for (const since = Date.now(); ; await sleep(50)) {
      const posts = renewals.length;
      const made = await shown();
      if (made === posts && renewals.length === posts) return made;
      assert.ok(Date.now() - since < 30_000, `${posts} POSTs for ${made} renewals`);
    }
  };

  await until(1 + wanted, (wanted + 2) * life + 20);
  assert.ok((await renewed()) >= wanted);
  await none("ended");
  await none("refreshDeferred");

  // The lid: the clocks go on for a night while every tab is frozen.
  const before = await renewed();
  const sessions = await Promise.all(tabs.map((tab) => context.newCDPSession(tab)));
  for (const tab of tabs) await tab.evaluate(() => document.addEventListener("freeze", () => (globalThis.froze = true)));
  for (const session of sessions) await session.send("Page.setWebLifecycleState", { state: "frozen" });
  for (const tab of tabs) {
    await tab.evaluate((night) => {
      const now = Date.now;
      Date.now = () => now() + night;
    }, NIGHT);
  }
  await sleep(1_000);
  for (const session of sessions) await session.send("Page.setWebLifecycleState", { state: "active" });
  for (const tab of tabs) assert.equal(await tab.evaluate(() => globalThis.froze), true, "the browser froze it");
  await until(before + 2, 90);
  assert.ok((await renewed()) > before);
  const statuses = await Promise.all(tabs.map((tab) => tab.locator("#status-text").textContent()));
  assert.deepEqual(statuses, Array(TABS).fill("Signed in"));
  await none("ended");
  await close();
}
