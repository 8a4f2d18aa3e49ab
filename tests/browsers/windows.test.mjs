// What browsers do with pages that are put aside and restored (bfcache).

import assert from "node:assert/strict";
import { withTabs } from "./both.mjs";

const force = { forceRefresh: true };
const kept = async (tab) => assert.equal(await tab.run(() => window.restored), true, "the browser did not keep the page");
/** Another page of the same site, in the same tab. */
const elsewhere = { elsewhere: "" };

withTabs((scenario) => {
  scenario("C35: a page is kept, and reads storage when it is restored", { repeats: true }, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    await tab.visit(elsewhere);
    assert.equal(await tab.token(force), "u.a1");
    await tab.back();
    await kept(tab);
    assert.equal(await tab.token(), "u.a1");
    assert.equal(await tab.token(force), "u.a2");
    assert.equal(server.posts.length, 2);
    // It speaks and listens again.
    const other = await open();
    assert.equal(await other.token(force), "u.a3");
    await tab.reaches(4);
    assert.equal(await tab.token(), "u.a3");
  });

  scenario("C35: a page whose token ran out meanwhile sends one request", { clock: true, repeats: true, client: { autoRefresh: false } }, async ({ open, elapse, server }) => {
    const tab = await open();
    await tab.signIn();
    await tab.visit(elsewhere);
    await elapse(301);
    await tab.back();
    await kept(tab);
    assert.equal(await tab.token(), "u.a1");
    assert.equal(server.posts.length, 1);
  });

  scenario("C7, C35: a page that is put aside while it refreshes, or waits for its turn, goes on when it is back", { repeats: true }, async ({ signedIn, posted, server }) => {
    const [tab, waiting] = await signedIn(2);
    const go = server.hold();
    await tab.ask(force);
    await posted(1);
    await waiting.ask(force);
    for (const page of [tab, waiting]) await page.leave();
    go();
    for (const page of [waiting, tab]) {
      await page.back();
      // Firefox loads a page anew that was asking something of a server.
      assert.match(await page.token(force), /^u\.a\d$/);
    }
    const { posts } = server;
    assert.equal(new Set(posts.map(({ token }) => token)).size, new Set(posts.map(({ attempt }) => attempt)).size);
    for (const page of [tab, waiting]) assert.deepEqual(await page.heardOf(/ended|Deferred/), []);
  });

  scenario("C46: a page that is restored after a sign-out shows nobody and sends nothing", {}, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    await tab.visit(elsewhere);
    await tab.signOut();
    await tab.back();
    await kept(tab);
    await tab.hears("ended");
    assert.equal(await tab.token(), null);
    assert.ok(["ended", "signedOut"].includes((await tab.snapshot()).status));
    assert.equal(server.posts.length, 0);
  });

  scenario("C51: tokens that a restored page hands in once more do not replace newer ones", { repeats: true }, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    const html = server.tokens();
    await tab.run((tokens) => addEventListener("pageshow", () => (window.asked = window.client.setTokens(tokens))), html);
    await tab.visit(elsewhere);
    assert.equal(await tab.token(force), "u.a1");
    await tab.back();
    await kept(tab);
    await tab.asked();
    assert.equal(await tab.token(), "u.a1");
    assert.equal(await tab.token(force), "u.a2");
    assert.deepEqual(await tab.heardOf(/ended|sessionChanged/), []);
  });
});
