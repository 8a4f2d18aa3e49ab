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
  const first = await shownGeneration(page);
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

  await until(first + wanted, (wanted + 2) * life + 20);
  // Whoever is slow to hear of it sees the generation that is being shown meanwhile.
  const made = Math.max(...(await Promise.all(tabs.map(shownGeneration)))) - first;
  assert.ok(made >= wanted && [made, made + 1].includes(renewals.length), `${renewals.length} POSTs for ${made} renewals`);
  await none("ended");
  await none("refreshDeferred");

  // The lid: the clocks go on for a night while every tab is frozen.
  const before = { posts: renewals.length, generation: Math.max(...(await Promise.all(tabs.map(shownGeneration)))) };
  const sessions = await Promise.all(tabs.map((tab) => context.newCDPSession(tab)));
  for (const session of sessions) await session.send("Page.setWebLifecycleState", { state: "frozen" });
  for (const tab of tabs) {
    await tab.evaluate((night) => {
      const now = Date.now;
      Date.now = () => now() + night;
    }, NIGHT);
  }
  await sleep(1_000);
  for (const session of sessions) await session.send("Page.setWebLifecycleState", { state: "active" });
  await until(before.generation + 1, 90);
  const after = { posts: renewals.length, generation: Math.max(...(await Promise.all(tabs.map(shownGeneration)))) };
  const [posts, generations] = [after.posts - before.posts, after.generation - before.generation];
  assert.ok([generations, generations + 1].includes(posts), `${posts} POSTs for ${generations} renewals after the lid was opened`);
  const statuses = await Promise.all(tabs.map((tab) => tab.locator("#status-text").textContent()));
  assert.deepEqual(statuses, Array(TABS).fill("Signed in"));
  await none("ended");
  await close();
}
