// The inspector in a real browser: all tabs in one timeline, keys that change, two languages, and no barrier to anybody.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { callApi, generation, logged, openDemo, openPage, signIn } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const { demo, browser } = await openDemo({ ACCESS_TOKEN_TTL: 8 });

/** What axe-core has to say against the page as it is. */
async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

const width = (page) => page.evaluate(() => document.documentElement.scrollWidth);

describe("the inspector", { concurrency: 3 }, () => {
  test("shows all tabs in one timeline: one renews, the other adopts", async () => {
    const { page, context, close } = await openPage(browser, demo.url());
    await signIn(page);
    const other = await context.newPage();
    await other.goto(demo.url());
    await Promise.all([generation(page, 2), generation(other, 2)]);
    const texts = () => page.locator("#timeline [data-mark] title").allTextContents();
    await page.bringToFront();
    for (const mark of ["renewed", "adopted", "planned"]) await page.locator(`#timeline [data-mark="${mark}"]`).first().waitFor({ state: "attached" });
    const [renewing] = (await texts()).flatMap((text) => /^Tab (.) renewed: generation 2$/.exec(text)?.[1] ?? []);
    const [adopting] = (await texts()).flatMap((text) => /^Tab (.) adopted generation 2$/.exec(text)?.[1] ?? []);
    assert.deepEqual([renewing, adopting].sort(), ["A", "B"]);
    assert.match(await page.locator("#timeline-now").textContent(), /Tabs: A, B\.$/);
    await page.locator("#timeline title", { hasText: /^Server: renewed, generation 2$/ }).waitFor({ state: "attached" });

    await page.getByText("The same as a list").click();
    await page.locator("#timeline-list li", { hasText: `Tab ${adopting} adopted generation 2` }).waitFor();
    await other.close();
    await page.locator("#timeline-now", { hasText: /Tabs: A\.$/ }).waitFor();
    await close();
  });

  test("tells other tabs no token, and shows none", async () => {
    const { page, context, close } = await openPage(browser, demo.url());
    const other = await context.newPage();
    await other.goto(demo.url());
    await other.evaluate(() => {
      globalThis.heard = [];
      new BroadcastChannel("evertoken-demo").onmessage = ({ data }) => globalThis.heard.push(JSON.stringify(data));
    });
    await signIn(page);
    await generation(page, 2);
    const heard = (await other.evaluate(() => globalThis.heard)).join("\n");
    assert.match(heard, /"kind":"life"/);
    for (const secret of ["eyJ", "rt1."]) assert.equal(heard.includes(secret), false, secret);
    const shown = `${await page.content()} ${await page.evaluate(() => Object.values(sessionStorage).join())}`;
    for (const secret of ["eyJ", "rt1."]) assert.equal(shown.includes(secret), false, secret);
    await close();
  });

  test("remembers over a reload what happened before", async () => {
    const { page, close } = await openPage(browser, demo.url());
    await signIn(page);
    await page.locator('#timeline [data-mark="signedIn"]').waitFor({ state: "attached" });
    await page.reload();
    await page.locator('#timeline [data-mark="found"]').waitFor({ state: "attached" });
    assert.equal(await page.locator('#timeline [data-mark="signedIn"]').count(), 1);
    await close();
  });

  test("decodes the token: header, claims, what each means and how long it still holds", async () => {
    const { page, close } = await openPage(browser, demo.url());
    await signIn(page);
    await page.locator('[data-header="alg"] .value').waitFor();
    assert.match(await page.locator('[data-claim="exp"] .value').textContent(), /, in [1-8] s$/);
    assert.match(await page.locator('[data-claim="auth_time"] .value').textContent(), /(, in 0 s|\d s ago)$/);
    const meanings = await page.locator(".claims .meaning").allTextContents();
    assert.ok(meanings.length > 10 && meanings.every(Boolean), meanings.join());
    await close();
  });

  test("speaks Chinese to who prefers it, and both to who chooses", async () => {
    const { page, close } = await openPage(browser, demo.url(), { locale: "zh-TW", viewport: { width: 360, height: 740 } });
    await page.locator("#sign-in").waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    await page.getByRole("button", { name: "登录", exact: true }).click();
    await page.getByRole("button", { name: "退出登录" }).waitFor();
    await page.locator("#log li", { hasText: "以 demo1 登录" }).waitFor();
    assert.equal(await width(page), 360, "nothing sticks out sideways");
    assert.deepEqual(await barriers(page), []);

    await page.getByRole("button", { name: "EN" }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.locator("#log li", { hasText: "Signed in as demo1" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await close();
  });

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`has no barrier that axe-core knows, in ${colorScheme}`, async () => {
      const { page, close } = await openPage(browser, demo.url(), { colorScheme });
      await page.locator("#sign-in").waitFor();
      assert.deepEqual(await barriers(page), []);
      await signIn(page);
      await callApi(page);
      await page.locator('[data-fault="unauthorized"]').getByRole("button").click();
      await page.locator('[data-fault="unauthorized"][data-result="good"]').waitFor();
      await page.locator("#keys li").first().waitFor();
      assert.deepEqual(await barriers(page), []);
      await page.setViewportSize({ width: 360, height: 740 });
      assert.deepEqual(await barriers(page), []);
      assert.equal(await width(page), 360, "nothing sticks out sideways");
      await close();
    });
  }
});

// One switch for everybody.
test("I14: the issuer changes its key while sessions live, and refuses no token of the one before", async () => {
  const { page, close } = await openPage(browser, demo.url());
  await signIn(page);
  for (const [alg, before] of [["EdDSA", "ES256"], ["RS256", "EdDSA"], ["ES256", "RS256"]]) {
    await page.locator(`#keys [data-alg="${alg}"]`).click();
    await page.locator("#keys-answer", { hasText: `signed with ${alg}. The one from before, signed with ${before}, was sent once more and answered 200` }).waitFor();
    await page.locator('[data-header="alg"] .value', { hasText: alg }).waitFor();
    assert.equal(await page.locator(`#keys [data-alg="${alg}"]`).getAttribute("aria-pressed"), "true");
    assert.equal((await callApi(page)).status(), 200);
  }
  assert.deepEqual(await logged(page, "ended"), []);
  await close();
});
