// Every fault of the demo's panel, each from a clean state: what the page says that it saw, and what is seen from outside.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { logged, openDemo, openPage, shownGeneration, signIn, visit } from "./harness.mjs";

// The real lives: nothing here waits for a token to end, and no planned renewal comes between.
const { demo, browser } = await openDemo({});

const fault = (page, name) => page.locator(`[data-fault="${name}"]`);

/** Lets one happen; gives what the page says it observed, which must be what it expected. */
async function happens(page, name, patience = 90_000) {
  await fault(page, name).getByRole("button").click();
  await page.locator(`[data-fault="${name}"]:is([data-result="good"], [data-result="bad"])`).waitFor({ timeout: patience });
  const observed = await fault(page, name).locator(".observed").textContent();
  assert.equal(await fault(page, name).getAttribute("data-result"), "good", observed);
  return observed;
}

/** Signs in anew, lets the fault happen, and looks from outside. */
function from(name, look) {
  test(name, async () => {
    const { page, context, renewals, close } = await openPage(browser, demo.url());
    await signIn(page);
    const observed = await happens(page, name);
    await look({ page, context, renewals, observed });
    await close();
  });
}

const stillIn = async (page) => {
  assert.equal(await page.locator("#status-text").textContent(), "Signed in");
  assert.deepEqual(await logged(page, "ended"), []);
};
const served = (page) => logged(page, "server");

describe("a fault", { concurrency: 4 }, () => {
  from("lost", async ({ page, renewals }) => {
    await stillIn(page);
    assert.equal(await shownGeneration(page), 2);
    assert.equal(renewals.length, 2, "the same request once more");
    assert.match((await served(page))[0], /the same successor again, generation 2/);
  });

  from("unavailable", async ({ page, renewals, observed }) => {
    await stillIn(page);
    assert.equal(await shownGeneration(page), 2);
    assert.equal(renewals.length, 2);
    assert.match(observed, /The API answered 200 meanwhile/);
  });

  from("slowDown", async ({ page, renewals, observed }) => {
    await stillIn(page);
    assert.equal(renewals.length, 2, "however often it was asked for");
    assert.ok(Number(/([\d.]+) s without a request/.exec(observed)[1]) > 4.9, observed);
  });

  from("unauthorized", async ({ page, renewals }) => {
    await stillIn(page);
    assert.equal(renewals.length, 1);
    assert.equal(await shownGeneration(page), 2);
  });

  from("offline", async ({ page, observed }) => {
    await stillIn(page);
    assert.ok(Number(/(\d+) requests failed/.exec(observed)[1]) >= 2, observed);
    assert.ok((await shownGeneration(page)) >= 2);
  });

  from("clock", async ({ page, renewals }) => {
    await stillIn(page);
    assert.ok(renewals.length >= 1 && renewals.length <= 2, `${renewals.length} renewals`);
  });

  from("frozen", async ({ page }) => {
    await stillIn(page);
    assert.ok((await shownGeneration(page)) >= 2);
  });

  from("thiefSoon", async ({ page, renewals }) => {
    await stillIn(page);
    assert.equal(renewals.length, 3, "the page's two and the thief's one");
    assert.match((await served(page))[0], /within grace, generation 2, from somebody who cannot prove/);
  });

  from("thiefLate", async ({ page }) => {
    await page.locator("#ended", { hasText: "an old refresh token of it was used again" }).waitFor();
    assert.equal((await logged(page, "ended")).length, 1);
    assert.equal(await page.evaluate(() => Object.values(localStorage).join().includes("rt1.")), false);
    assert.equal(await page.locator("#faults-need").isVisible(), true);
  });
});

/** Two tabs of one user; the first is in front. */
async function twoTabs() {
  const { page, context, close } = await openPage(browser, demo.url());
  await signIn(page);
  const other = await context.newPage();
  await visit(other, demo.url());
  await other.getByRole("button", { name: "Sign out" }).waitFor();
  await page.bringToFront();
  await page.locator("#timeline-now", { hasText: /Tabs: A, B\.$/ }).waitFor();
  return { page, other, close };
}

describe("a fault in one of two tabs", { concurrency: 3 }, () => {
  test("C8: what a thief brings about ends the session in every tab, once", async () => {
    const { page, other, close } = await twoTabs();
    await happens(page, "thiefLate");
    await other.locator("#ended", { hasText: "an old refresh token of it was used again" }).waitFor();
    for (const tab of [page, other]) assert.equal((await logged(tab, "ended")).length, 1);
    await close();
  });

  test("C4: a tab that freezes with the lock in hand keeps nobody else from a token, and overwrites nothing", async () => {
    const { page, other, close } = await twoTabs();
    assert.match(await happens(page, "frozen"), /Tab B had its token after [\d.]+ s; all are at generation 2,/);
    assert.deepEqual(await Promise.all([page, other].map(shownGeneration)), [2, 2]);
    for (const tab of [page, other]) await stillIn(tab);
    await close();
  });

  test("C14: a clock that jumps in both costs one renewal each way at the most", async () => {
    const { page, other, close } = await twoTabs();
    await happens(page, "clock");
    const [here, there] = await Promise.all([page, other].map(shownGeneration));
    assert.equal(here, there);
    assert.ok(here <= 3, `generation ${here}`);
    for (const tab of [page, other]) await stillIn(tab);
    await close();
  });
});
