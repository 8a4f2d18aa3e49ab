// Freezes and thaws the tab that Chromium's driver shows, and sees that it did.

import assert from "node:assert/strict";

/** @typedef {Awaited<ReturnType<typeof import("./webdriver.mjs").open>>} Browser */

export const freeze = async (/** @type {Browser} */ browser) => {
  await browser.run(() => document.addEventListener("freeze", () => (document.documentElement.dataset.froze = "yes")));
  await browser.devtools("Page.setWebLifecycleState", { state: "frozen" });
  assert.equal(await browser.run(() => document.documentElement.dataset.froze), "yes", "the browser froze it");
};

export const thaw = (/** @type {Browser} */ browser) => browser.devtools("Page.setWebLifecycleState", { state: "active" });
