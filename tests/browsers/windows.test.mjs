// What Firefox and Chromium do with pages that are put aside and restored, and with several tabs.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { open } from "./webdriver.mjs";
import { windowsIn } from "./windows.mjs";

const force = { forceRefresh: true };

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  describe(name, () => {
    let browser;
    before(async () => void (browser = await open(name)));
    after(() => browser?.close());

    const scenario = (title, options, run) =>
      test(title, async () => {
        const world = await windowsIn(browser, options);
        try {
          await run(world);
        } finally {
          await world.close();
        }
      });
    /** So many tabs of one user, all of whom know it. */
    const signedIn = async (world, count) => {
      const tabs = [];
      for (let made = 0; made < count; made++) tabs.push(await world.open());
      await tabs[0].signIn();
      for (const tab of tabs.slice(1)) await tab.hears("sessionChanged");
      return tabs;
    };
    const kept = async (tab) => assert.equal(await tab.run(() => window.restored), true, "the browser did not keep the page");

    scenario("C35: a page is kept, and reads storage when it is restored", { repeats: true }, async (world) => {
      const tab = await world.open();
      await tab.signIn();
      await tab.visit("&elsewhere");
      assert.equal(await tab.token(force), "u.a1");
      await tab.back();
      await kept(tab);
      assert.equal(await tab.token(), "u.a1");
      assert.equal(await tab.token(force), "u.a2");
      assert.equal(world.server.posts.length, 2);
      // It speaks and listens again.
      const other = await world.open();
      assert.equal(await other.token(force), "u.a3");
      assert.equal(await tab.run(() => new Promise((done) => {
        const look = () => (window.client.getSnapshot().generation === 4 ? done(true) : setTimeout(look, 10));
        look();
      })), true);
      assert.equal(await tab.token(), "u.a3");
    });

    scenario("C35: a page whose token ran out meanwhile sends one request", { life: 2, repeats: true, client: { autoRefresh: false } }, async (world) => {
      const tab = await world.open();
      await tab.signIn();
      await tab.visit("&elsewhere");
      await sleep(2_100);
      await tab.back();
      await kept(tab);
      assert.equal(await tab.token(), "u.a1");
      assert.equal(world.server.posts.length, 1);
    });

    scenario("C7, C35: a page that is put aside while it refreshes, or waits for its turn, goes on when it is back", { repeats: true }, async (world) => {
      const [tab, waiting] = await signedIn(world, 2);
      const go = world.server.hold();
      await tab.ask(force);
      while (world.server.posts.length === 0) await sleep(10);
      await waiting.ask(force);
      for (const page of [tab, waiting]) await page.leave();
      go();
      for (const page of [waiting, tab]) {
        await page.back();
        // Firefox loads a page anew that was asking something of a server.
        assert.match(await page.token(force), /^u\.a\d$/);
      }
      const { posts } = world.server;
      assert.equal(new Set(posts.map(({ token }) => token)).size, new Set(posts.map(({ attempt }) => attempt)).size);
      for (const page of [tab, waiting]) assert.deepEqual((await page.heard()).filter((event) => /ended|Deferred/.test(event)), []);
    });

    scenario("C46: a page that is restored after a sign-out shows nobody and sends nothing", {}, async (world) => {
      const tab = await world.open();
      await tab.signIn();
      await tab.visit("&elsewhere");
      await tab.run(() => window.client.signOut());
      await tab.back();
      await kept(tab);
      await tab.hears("ended");
      assert.equal(await tab.token(), null);
      assert.ok(["ended", "signedOut"].includes((await tab.snapshot()).status));
      assert.equal(world.server.posts.length, 0);
    });

    scenario("C51: tokens that a restored page hands in once more do not replace newer ones", { repeats: true }, async (world) => {
      const tab = await world.open();
      await tab.signIn();
      const html = world.server.tokens();
      await tab.run((tokens) => addEventListener("pageshow", () => (window.asked = window.client.setTokens(tokens))), html);
      await tab.visit("&elsewhere");
      assert.equal(await tab.token(force), "u.a1");
      await tab.back();
      await kept(tab);
      await tab.asked();
      assert.equal(await tab.token(), "u.a1");
      assert.equal(await tab.token(force), "u.a2");
      assert.deepEqual((await tab.heard()).filter((event) => /ended|sessionChanged/.test(event)), []);
    });

    scenario("C2: tabs take turns", {}, async (world) => {
      const tabs = await signedIn(world, 3);
      const go = world.server.hold();
      for (const tab of tabs) await tab.ask(force);
      go();
      for (const tab of tabs) assert.equal(await tab.asked(), "u.a1");
      assert.equal(world.server.posts.length, 1);
    });

    for (const without of /** @type {const} */ (["locks", "both"])) {
      scenario(`C3: without ${without === "both" ? "locks and channel" : "locks"} all tabs get one successor and converge`, { repeats: true, without }, async (world) => {
        const tabs = await signedIn(world, 3);
        const go = world.server.hold();
        for (const tab of tabs) await tab.ask(force);
        go();
        for (const tab of tabs) assert.equal(await tab.asked(), "u.a1");
        assert.ok(world.server.posts.length <= 3);
        for (const tab of tabs) assert.deepEqual((await tab.heard()).filter((event) => /ended|warning/.test(event)), []);
      });
    }

    scenario("C7: a page that is reloaded between request and answer resends its attempt", { repeats: true }, async (world) => {
      const tab = await world.open();
      await tab.signIn();
      const go = world.server.hold();
      await tab.ask(force);
      while (world.server.posts.length === 0) await sleep(10);
      await tab.visit("&again");
      go();
      assert.equal(await tab.token(force), "u.a1");
      assert.deepEqual(world.server.posts[0], world.server.posts[1]);
    });

    scenario("C8: a session that the server ended is over in every tab, for one reason", {}, async (world) => {
      const tabs = await signedIn(world, 3);
      world.server.next.push({ status: 400, body: { error: "invalid_grant", code: "reuse" } });
      assert.equal(await tabs[1].token(force), "ERR_REFRESH_REUSED");
      for (const tab of tabs) await tab.hears("ended");
      for (const tab of tabs) assert.deepEqual((await tab.heard()).filter((event) => event.startsWith("ended")), ["ended reuse"]);
      assert.deepEqual(await tabs[0].run(() => Object.keys(localStorage)), []);
    });

    scenario("C28: another user's sign-in is seen in every tab", {}, async (world) => {
      const tabs = await signedIn(world, 2);
      await tabs[0].signIn("v");
      await tabs[1].run(() => new Promise((done) => {
        const look = () => (window.heard.filter((event) => event === "sessionChanged").length === 2 ? done(true) : setTimeout(look, 10));
        look();
      }));
      assert.equal(await tabs[1].token(), "v.a0");
    });
  });
}
