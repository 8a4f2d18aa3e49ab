// Browsers that are killed, as by a power cut: what they stored last may be gone, and nobody is signed out (C7, C44).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { inBoth } from "./both.mjs";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";
import { open } from "./webdriver.mjs";

const force = { forceRefresh: true };
const PROFILE = {
  Chromium: (folder) => [`--user-data-dir=${folder}`],
  Firefox: (folder) => ["-profile", folder],
};

inBoth((name) => {
  test("C7, C44: a browser that is killed after a refresh, and again in the midst of the next, goes on with the same attempt", { timeout: 180_000 }, async (t) => {
    const server = rotating({ repeats: true });
    const files = await pages(() => {}, { routes: server.routes });
    const folder = mkdtempSync(join(tmpdir(), "evertoken-profile-"));
    t.after(async () => {
      await files.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
    /** Their user's browser, once more. */
    const started = async () => {
      const browser = await open(name, { args: PROFILE[name](folder) });
      t.after(browser.close);
      await browser.visit(new URL("tab.html", files.url).href);
      return browser;
    };
    const token = (browser, wanted = {}) => browser.run((wanted) => window.client.getAccessToken(wanted).catch(({ code }) => code), wanted);

    // Whoever closes a browser has stored what was to be stored.
    const closed = await started();
    await closed.run((tokens) => window.client.setTokens(tokens), server.tokens());
    await closed.close();

    const refreshed = await started();
    assert.equal(await token(refreshed, force), "u.a1");
    await refreshed.kill();

    // Whether that was stored is up to the browser.
    const refreshing = await started();
    const held = await token(refreshing);
    const go = server.hold();
    await refreshing.run(() => void window.client.getAccessToken({ forceRefresh: true }));
    while (server.posts.length < 2) await sleep(10);
    await refreshing.kill();
    go();

    const last = await started();
    assert.equal(await token(last), held);
    assert.match(await token(last, force), held === "u.a0" ? /^u\.a1$/ : /^u\.a2$/);
    const [first, second, third] = server.posts;
    assert.deepEqual(third, second);
    if (held === "u.a0") assert.deepEqual(second, first);
    assert.equal(server.posts.length, 3);
    assert.deepEqual(await last.run(() => window.heard.filter((event) => /ended|warning/.test(event))), []);
    await last.close();
  });
});
