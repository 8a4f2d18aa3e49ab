// Tabs that the browser copied together with their `sessionStorage` (C41), with a channel and by storage events alone.

import assert from "node:assert/strict";
import { withTabs } from "./both.mjs";

const force = { forceRefresh: true };
const client = { storage: "session" };
const mine = (tab) => tab.run(() => Object.keys(sessionStorage));

withTabs((scenario) => {
  for (const without of ["", "channel"]) {
    scenario(`C41: a copied tab drops what it was given${without && ", without a BroadcastChannel"}, and the original goes on`, { client, without, patient: true }, async ({ open, server }) => {
      const original = await open();
      await original.signIn();
      const copies = [await original.copy(), await original.copy()];
      for (const copy of copies) {
        assert.equal(await copy.token(), null);
        assert.equal((await copy.snapshot()).status, "signedOut");
        assert.deepEqual(await mine(copy), ["evertoken:tab"]);
      }
      assert.equal(await original.token(force), "u.a1");
      await original.visit();
      assert.equal(await original.token(force), "u.a2");
      // A copy is a tab like any other, and is itself copied.
      await copies[0].signIn("v");
      assert.equal(await (await copies[0].copy()).token(), null);
      await copies[0].visit();
      assert.equal(await copies[0].token(), "v.a0");
      assert.deepEqual([server.posts.length, server.revoked], [2, []]);
      assert.deepEqual(await original.stored(), [], "what they told each other is not left behind");
    });

    scenario(`C41: a copy that was answered too late${without && ", without a BroadcastChannel"} drops what it began to use`, { client, without, repeats: true }, async ({ open, server }) => {
      const original = await open();
      await original.signIn();
      const copy = await original.copy({ hasty: "" });
      await copy.until(() => window.client.getAccessToken().then((token) => token === null));
      assert.deepEqual(await mine(copy), ["evertoken:tab"]);
      assert.equal(await original.token(force), "u.a1");
      await copy.signIn("v");
      assert.deepEqual([await copy.token(force), await original.token(force)], ["v.a1", "u.a2"]);
      assert.deepEqual(server.revoked, []);
    });

    scenario(`C41: frames of one tab are no copies of each other${without && ", without a BroadcastChannel"}`, { client, without }, async ({ open }) => {
      const tab = await open();
      await tab.signIn();
      const [one, two] = await tab.frames(2);
      for (const page of [one, two, tab]) assert.equal(await page.token(), "u.a0");
      assert.equal(await one.token(force), "u.a1");
      for (const page of [two, tab]) {
        await page.reaches(2);
        assert.equal(await page.token(), "u.a1");
      }
    });
  }

  scenario("C41: a tab that lost a frame of its own is still told from its copy", { client, patient: true }, async ({ open }) => {
    const tab = await open();
    await tab.signIn();
    const mark = await tab.run(() => sessionStorage.getItem("evertoken:tab"));
    const [frame] = await tab.frames(1);
    assert.equal(await frame.token(), "u.a0");
    await tab.run(() => document.querySelector("iframe").remove());
    await tab.until((mark) => sessionStorage.getItem("evertoken:tab") === mark, mark);
    assert.equal(await (await tab.copy()).token(), null);
    assert.equal(await tab.token(force), "u.a1");
  });

  scenario("C7, C41: a tab that died is no copy: its reload goes on with the same attempt", { client, repeats: true }, async ({ open, posted, server }) => {
    const tab = await open();
    await tab.signIn();
    const go = server.hold();
    await tab.ask(force);
    await posted(1);
    const mark = await tab.run(() => sessionStorage.getItem("evertoken:tab"));
    // As after a crash: nothing was tidied up.
    await tab.leave();
    await tab.run((mark) => sessionStorage.setItem("evertoken:tab", mark), mark);
    await tab.visit();
    go();
    assert.equal(await tab.token(force), "u.a1");
    assert.deepEqual(server.posts[0], server.posts[1]);
    assert.equal(await tab.run(() => sessionStorage.getItem("evertoken:tab")), mark);
  });
});
