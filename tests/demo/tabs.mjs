// Four tabs of one user of the demo, for as many renewals as are asked for: one POST each. Then the lid is closed.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { freeze, thaw } from "../browsers/freezing.mjs";
import { open } from "../browsers/webdriver.mjs";
import { generation, logged, shownGeneration, signIn, visit, watched } from "./harness.mjs";

const TABS = 4;
/** Milliseconds. */
const NIGHT = 8 * 3_600_000;

/** Asks until the answer is yes. @param {() => Promise<boolean>} ask @param {number} seconds @param {() => string} what */
const eventually = async (ask, seconds, what) => {
  for (const since = Date.now(); !(await ask()); await sleep(50)) assert.ok(Date.now() - since < seconds * 1000, what());
};

/** @param {{ url: string, renewals: number, life: number }} given  `life`: of an access token, in seconds */
export async function fourTabs(given) {
  const driver = await open("Chromium");
  try {
    const browser = await chromium.connectOverCDP(`http://${driver.devtoolsAddress}`);
    const made = await renewing(browser, given);
    // Playwright's pages count as seen, and those no browser freezes: it lets go of them.
    await browser.close();
    await closingTheLid(driver, given.url, made);
  } finally {
    await driver.close();
  }
}

/**
 * Gives how many renewals there were.
 * @param {import("playwright-core").Browser} browser
 * @param {Parameters<typeof fourTabs>[0]} given
 */
async function renewing(browser, { url, renewals: wanted, life }) {
  const [context] = browser.contexts();
  const { complaints, renewals } = await watched(context);
  /** @type {import("playwright-core").Page[]} */
  const tabs = [];
  while (tabs.length < TABS) {
    const tab = await context.newPage();
    await visit(tab, url);
    if (tabs.push(tab) === 1) await signIn(tab);
    await tab.getByRole("button", { name: "Sign out" }).waitFor();
  }

  // The sign-in is generation 1.
  await Promise.all(tabs.map((tab) => generation(tab, 1 + wanted, ((wanted + 2) * life + 20) * 1000)));
  let [posts, made] = [0, 0];
  const agreed = async () => {
    posts = renewals.length;
    made = Math.max(...(await Promise.all(tabs.map(shownGeneration)))) - 1;
    // One that is under way is shown soon.
    return made === posts && posts === renewals.length;
  };
  await eventually(agreed, 30, () => `${posts} POSTs for ${made} renewals`);
  assert.ok(made >= wanted);
  for (const event of ["ended", "refreshDeferred"]) for (const tab of tabs) assert.deepEqual(await logged(tab, event), []);
  assert.deepEqual(complaints, []);
  return made;
}

/**
 * The clocks go on for a night while every tab is frozen.
 * @param {Awaited<ReturnType<typeof open>>} driver
 * @param {string} url
 * @param {number} before  renewals
 */
async function closingTheLid(driver, url, before) {
  /** @type {string[]} */
  const tabs = [];
  const inEach = async (/** @type {() => Promise<any>} */ act) => {
    const answers = [];
    for (const tab of tabs) {
      await driver.show(tab);
      answers.push(await act());
    }
    return answers;
  };
  for (const tab of await driver.tabs()) {
    await driver.show(tab);
    if (await driver.run((url) => location.href.startsWith(url), url)) tabs.push(tab);
  }
  assert.equal(tabs.length, TABS);
  const generations = () => inEach(() => driver.run(() => Number(document.getElementById("generation")?.textContent)));
  const asked = async () => {
    const each = await inEach(() => driver.run(() => performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname === "/token").length));
    return each.reduce((sum, posts) => sum + posts, 0);
  };

  const askedBefore = await asked();
  await inEach(async () => {
    await freeze(driver);
    await driver.run((night) => {
      const now = Date.now;
      Date.now = () => now() + night;
    }, NIGHT);
  });
  await sleep(1_000);
  await inEach(() => thaw(driver));

  await eventually(async () => Math.min(...(await generations())) >= before + 2, 90, () => "a tab has not renewed since the lid was opened");
  let [posts, made] = [0, 0];
  const agreed = async () => {
    posts = (await asked()) - askedBefore;
    made = Math.max(...(await generations())) - 1 - before;
    return made === posts;
  };
  await eventually(agreed, 30, () => `${posts} POSTs for ${made} renewals after the lid was opened`);
  assert.deepEqual(await inEach(() => driver.run(() => document.getElementById("status-text")?.textContent)), Array(TABS).fill("Signed in"));
  assert.deepEqual(await inEach(() => driver.run(() => document.querySelectorAll('#log [data-event="ended"]').length)), Array(TABS).fill(0));
}
