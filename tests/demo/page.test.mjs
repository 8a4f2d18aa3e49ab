// The demo's page in a real browser: signed in, renewed unnoticed, through a reload and a dead network, signed out.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { callApi, generation, logged, openDemo, openPage, shownGeneration, signIn } from "./harness.mjs";

// Short lives, so that three of them fit into a test; the real 30 seconds are in full/.
const ACCESS_TOKEN_TTL = 4;

const { demo, browser } = await openDemo({ ACCESS_TOKEN_TTL });

/** What an element comes to say within so many milliseconds. */
const changes = (page, id, time) =>
  page.evaluate(([id, time]) => {
    const element = document.getElementById(id);
    const seen = [];
    new MutationObserver(() => seen.push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
    return new Promise((resolve) => setTimeout(() => resolve(seen), time));
  }, [id, time]);

describe("the page", { concurrency: 3 }, () => {
  test("is served under a strict policy, with its wasm as wasm", async () => {
    const served = await fetch(demo.url());
    assert.equal(
      served.headers.get("content-security-policy"),
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    assert.equal(served.headers.get("x-content-type-options"), "nosniff");
    assert.equal(served.headers.get("referrer-policy"), "no-referrer");
    assert.equal((await fetch(demo.url("evertoken/pkg/evertoken_bg.wasm"))).headers.get("content-type"), "application/wasm");
  });

  test("renews three times while nobody touches anything", async () => {
    const { page, renewals, close } = await openPage(browser, demo.url());
    await signIn(page);
    const first = await page.locator('[data-claim="jti"] .value').textContent();
    await generation(page, 4);

    const seen = await shownGeneration(page);
    assert.equal(renewals.length, seen - 1, "one POST a generation");
    assert.ok((await logged(page, "refreshed")).length >= 3);
    assert.notEqual(await page.locator('[data-claim="jti"] .value').textContent(), first);
    assert.match(await page.locator("#seconds").textContent(), /^[1-4]$/);
    assert.equal(await page.locator("#status-text").textContent(), "Signed in");
    await close();
  });

  test("stays signed in over a reload", async () => {
    const { page, close } = await openPage(browser, demo.url());
    await signIn(page, "demo2");
    await generation(page, 2);
    const before = await shownGeneration(page);

    let asked = 0;
    page.on("request", (request) => (asked += Number(request.url().endsWith("/api/sign-in"))));
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    assert.equal(await page.locator("#subject").textContent(), "demo2");
    await generation(page, before + 1);
    assert.equal((await callApi(page)).status(), 200);
    assert.equal(asked, 0);
    await close();
  });

  test("waits for a dead network and goes on when it is back", async () => {
    const { page, context, close } = await openPage(browser, demo.url());
    await signIn(page);
    await context.setOffline(true);
    await page.locator("#status-text", { hasText: "Waiting for the network" }).waitFor({ timeout: 15_000 });
    assert.match(await page.locator("#trouble").textContent(), /your session is not/);
    assert.deepEqual(await changes(page, "status-text", 4_000), [], "a try that fails is no news");
    assert.match(await page.locator("#trouble").textContent(), /your session is not/);
    assert.ok((await logged(page, "refreshDeferred")).length >= 1);

    const before = await shownGeneration(page);
    await context.setOffline(false);
    await generation(page, before + 1);
    assert.equal(await page.locator("#status-text").textContent(), "Signed in");
    assert.equal(await page.locator("#trouble").isVisible(), false);
    assert.equal((await callApi(page)).status(), 200);
    await close();
  });

  test("survives an answer that is lost on its way", async () => {
    const { page, context, close } = await openPage(browser, demo.url());
    await signIn(page);
    let lost = 0;
    // The server rotates, and the page never hears of it.
    await context.route("**/token", async (route) => {
      if (lost++ > 0) return route.continue();
      await route.fetch();
      await route.abort();
    });
    await generation(page, 4);
    assert.ok(lost >= 2);
    assert.deepEqual(await logged(page, "ended"), []);
    await close();
  });

  test("renews in two tabs at once and signs nobody out", async () => {
    const { page, context, close } = await openPage(browser, demo.url());
    await signIn(page);
    const other = await context.newPage();
    await other.goto(demo.url());
    await Promise.all([generation(page, 5), generation(other, 5)]);
    for (const tab of [page, other]) {
      assert.deepEqual(await logged(tab, "ended"), []);
      assert.equal((await callApi(tab)).status(), 200);
    }
    await close();
  });

  test("signs out here and at the server", async () => {
    const { page, close } = await openPage(browser, demo.url());
    await signIn(page);
    assert.equal((await callApi(page)).status(), 200);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: /Sign in once/ }).waitFor();

    assert.equal((await callApi(page)).status(), 401);
    const refused = await callApi(page, "Call it with the old token");
    assert.equal(refused.status(), 401);
    assert.match(refused.headers()["www-authenticate"], /error="invalid_token"/);
    assert.equal((await refused.json()).code, "ERR_TOKEN_REVOKED");
    assert.equal(await page.evaluate(() => Object.values(localStorage).join().includes("rt1.")), false);

    await page.reload();
    await page.locator("#status-text", { hasText: "Signed out" }).waitFor();
    await close();
  });

  test("tells a wrong password from a right one", async () => {
    const { page, close } = await openPage(browser, demo.url());
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "No account has this name and password." }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "password");
    await close();
  });

  test("can be used with the keyboard alone, on a phone", async () => {
    const { page, close } = await openPage(browser, demo.url(), { viewport: { width: 360, height: 740 } });
    await page.getByLabel("Password").waitFor(); // it is hidden until the session is known, and focus() waits for nothing
    await page.getByLabel("Password").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "token-title");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, "nothing sticks out sideways");

    await page.getByRole("button", { name: "Sign out" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#status-text", { hasText: "Signed out" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "sign-in-title");
    await close();
  });
});

// What one of these does is seen by everybody who is signed in as the same person: one after the other.
describe("a person's devices and role", () => {
  test("I11: lists the devices of a person, ends one and all others, and the rest goes on", async () => {
    const here = await openPage(browser, demo.url());
    await signIn(here.page, "demo2");
    const there = [];
    for (let count = 2; count <= 4; count++) {
      const other = await openPage(browser, demo.url());
      await signIn(other.page, "demo2");
      there.push(other);
    }
    const { page } = here;
    const devices = page.locator("#devices li");
    const shows = (count) => page.waitForFunction((n) => document.querySelectorAll("#devices li").length === n, count, { timeout: 15_000 });
    const ended = (tab) => tab.page.locator("#ended", { hasText: "it was revoked" }).waitFor({ timeout: 15_000 });

    // What tests before have left is among them.
    await page.waitForFunction(() => document.querySelectorAll("#devices li").length >= 4, undefined, { timeout: 15_000 });
    assert.match(await devices.first().textContent(), /Chrome on Linux/);
    assert.equal(await page.locator("#devices .here").count(), 1);

    const sid = await there[0].page.locator('[data-claim="sid"] .value').textContent();
    await page.locator(`[data-session="${sid}"] button`).click();
    await ended(there[0]);
    assert.match((await logged(page, "devices"))[0], /^Ended: Chrome on Linux/);
    assert.equal(await page.locator(`[data-session="${sid}"]`).count(), 0);

    await page.getByRole("button", { name: "End all others" }).click();
    await Promise.all([ended(there[1]), ended(there[2])]);
    await shows(1);
    assert.equal((await callApi(page)).status(), 200);
    await Promise.all([here, ...there].map((tab) => tab.close()));
  });

  test("C38: a role that changes is in the token at once, on every device, and nobody signs in anew", async () => {
    const here = await openPage(browser, demo.url());
    await signIn(here.page);
    const there = await openPage(browser, demo.url());
    await signIn(there.page);
    const role = (tab, name) => tab.page.locator('[data-claim="role"] .value', { hasText: name }).waitFor({ timeout: 15_000 });
    await role(here, "reader");

    await here.page.getByRole("button", { name: "Editor" }).click();
    await role(here, "editor");
    // Refused at first, as the browser sees it; the page gets the answer to the second try.
    await there.page.getByRole("button", { name: "Call GET /api/me" }).click();
    await there.page.locator("#answer .verdict b", { hasText: "200" }).waitFor();
    await role(there, "editor");
    assert.equal(await there.page.locator('[data-role="editor"]').getAttribute("aria-pressed"), "true");
    assert.deepEqual([...(await logged(here.page, "ended")), ...(await logged(there.page, "ended"))], []);

    await here.page.getByRole("button", { name: "Reader" }).click();
    await role(here, "reader");
    await Promise.all([here.close(), there.close()]);
  });
});
