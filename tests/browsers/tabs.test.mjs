// Tabs in Chromium: they take turns, hear of each other, and freeze, reload and go at the worst of moments.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { openBrowser } from "../demo/harness.mjs";
import { tabsIn } from "./tabs.mjs";

const force = { forceRefresh: true };
let browser;

before(async () => void (browser = await openBrowser()));
after(() => browser?.close());

/** A test with tabs of its own. */
const scenario = (name, options, run) =>
  test(name, async () => {
    const world = await tabsIn(browser, options);
    try {
      await run(world);
    } finally {
      await world.close();
    }
  });

/** So many tabs of one user, all of whom know it. */
const signedIn = async ({ openAll }, count) => {
  const tabs = await openAll(count);
  await tabs[0].signIn();
  await Promise.all(tabs.map((tab) => tab.reaches(1)));
  return tabs;
};

/** Renewals that every tab asks for before the first of them is answered. */
const together = async ({ server }, tabs) => {
  const go = server.hold();
  const tokens = tabs.map((tab) => tab.token(force));
  // A page is asked in turn: whoever answers this has begun.
  await Promise.all(tabs.map((tab) => tab.snapshot()));
  go();
  return Promise.all(tokens);
};

for (const channel of [true, false]) {
  scenario(`C2: five tabs take turns, ${channel ? "and tell each other" : "without a BroadcastChannel"}: one request a renewal`, { channel }, async (world) => {
    const tabs = await signedIn(world, 5);
    for (let round = 1; round <= 10; round++) {
      const tokens = await together(world, tabs);
      assert.deepEqual(tokens, Array(5).fill(`u.a${round}`));
      assert.equal(world.server.posts.length, round);
      // A tab that only now hears of this renewal would ask for the next one.
      await Promise.all(tabs.map((tab) => tab.reaches(round + 1)));
    }
    for (const tab of tabs) assert.ok(!(await tab.heard()).some((event) => /ended|Deferred|warning/.test(event)));
  });
}

scenario("C2: five tabs whose tokens run out together renew by themselves, once", { life: 3 }, async (world) => {
  const tabs = await signedIn(world, 5);
  await Promise.all(tabs.map((tab) => tab.reaches(4)));
  const { generation } = world.server.sessions.get("u");
  assert.equal(world.server.posts.length, generation);
  for (const tab of tabs) assert.equal((await tab.snapshot()).endReason, undefined);
});

scenario("C3: without locks five tabs send at most five requests, get one successor and converge", { locks: false, repeats: true }, async (world) => {
  const tabs = await signedIn(world, 5);
  for (let round = 1; round <= 5; round++) {
    const sent = world.server.posts.length;
    const tokens = await together(world, tabs);
    assert.deepEqual(tokens, Array(5).fill(`u.a${round}`));
    assert.ok(world.server.posts.length - sent <= 5);
    await Promise.all(tabs.map((tab) => tab.reaches(round + 1)));
  }
  for (const tab of tabs) assert.ok(!(await tab.heard()).some((event) => /ended/.test(event)));
});

scenario("C4: a tab that freezes while it refreshes holds nobody up, and overwrites nothing when it thaws", { repeats: true, client: { lockWait: 1 } }, async (world) => {
  const [frozen, other] = await signedIn(world, 2);
  const cdp = await world.context.newCDPSession(frozen.page);
  const go = world.server.hold();
  await frozen.page.evaluate(() => void client.getAccessToken({ forceRefresh: true }));
  while (world.server.posts.length === 0) await sleep(10);
  await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
  world.server.held = undefined;
  assert.equal(await other.token(force), "u.a1");
  assert.equal(await other.token(force), "u.a2");
  go();
  await sleep(100);
  await cdp.send("Page.setWebLifecycleState", { state: "active" });
  assert.equal(await frozen.token(), "u.a2");
  assert.deepEqual((await other.stored()).filter((key) => key.split(":").length === 3).map((key) => key.split(":")[2]), ["3"]);
  assert.deepEqual((await frozen.heard()).filter((event) => event.startsWith("ended")), []);
});

scenario("C7: a tab that is reloaded or closed between request and answer resends its attempt", { repeats: true }, async (world) => {
  const [tab, other] = await signedIn(world, 2);
  for (const leave of [() => tab.visit(), () => tab.page.close()]) {
    const before = world.server.posts.length;
    const go = world.server.hold();
    await tab.page.evaluate(() => void client.getAccessToken({ forceRefresh: true }));
    while (world.server.posts.length === before) await sleep(10);
    await leave();
    go();
    assert.match(await other.token(force), /^u\.a\d$/);
    const [first, second] = world.server.posts.slice(before);
    assert.deepEqual(first, second);
  }
  assert.equal((await other.snapshot()).status, "active");
});

for (const channel of [true, false]) {
  scenario(`C8, C12: a session that the server ended is over in every tab, for one reason${channel ? "" : ", without a BroadcastChannel"}`, { channel }, async (world) => {
    const tabs = await signedIn(world, 4);
    world.server.next.push({ status: 400, body: { error: "invalid_grant", code: "reuse" } });
    assert.equal(await tabs[2].token(force), "ERR_REFRESH_REUSED");
    for (const tab of tabs) assert.equal(await tab.ends(), "reuse");
    await sleep(100);
    for (const tab of tabs) assert.deepEqual((await tab.heard()).filter((event) => event.startsWith("ended")), ["ended reuse"]);
    assert.deepEqual(await tabs[0].stored(), []);
    assert.equal(world.server.posts.length, 1);
  });
}

scenario("C24: a sign-out in one tab is one in all of them", {}, async (world) => {
  const tabs = await signedIn(world, 3);
  await tabs[1].signOut();
  for (const tab of tabs) assert.equal(await tab.ends(), "signedOut");
  assert.deepEqual(await tabs[0].stored(), []);
  assert.deepEqual(world.server.revoked, ["u.r0"]);
});

scenario("C28: another user's sign-in is one sessionChanged, and a late sign-out of the first leaves it alone", {}, async (world) => {
  const [one, two, late] = await signedIn(world, 3);
  const cdp = await world.context.newCDPSession(late.page);
  await cdp.send("Page.setWebLifecycleState", { state: "frozen" });
  await one.signIn("v");
  await two.page.waitForFunction(() => heard.includes("sessionChanged") && client.getSnapshot().generation === 1);
  await sleep(100);
  assert.equal(await two.token(), "v.a0");
  assert.deepEqual(await two.heard(), ["sessionChanged", "sessionChanged"]);
  await cdp.send("Page.setWebLifecycleState", { state: "active" });
  assert.equal(await late.token(), "v.a0");
});

scenario("C32: storage that its user clears ends the session in every tab", {}, async (world) => {
  const tabs = await signedIn(world, 2);
  await tabs[0].page.evaluate(() => localStorage.clear());
  assert.equal(await tabs[1].ends(), "storage");
  assert.equal(await tabs[0].token(force), "ERR_SESSION_ENDED");
});

scenario("C48: clients of two names on one origin share nothing", {}, async (world) => {
  const [one, two] = [await world.open(), await world.open({ storageKey: "evertoken2" })];
  await one.signIn();
  await two.signIn("v");
  const go = world.server.hold();
  const slow = one.token(force);
  while (world.server.posts.length === 0) await sleep(10);
  // The other's turn is not this one's.
  const other = two.token(force);
  while (world.server.posts.length < 2) await sleep(10);
  go();
  assert.deepEqual([await slow, await other], ["u.a1", "v.a1"]);
  await one.signOut();
  await sleep(100);
  assert.equal(await two.token(), "v.a1");
  assert.deepEqual(await two.heard(), ["signedIn", "refreshed"]);
});

scenario("C41: a copied tab drops what it was given, and the original goes on", { client: { storage: "session" } }, async (world) => {
  const original = await world.open();
  await original.signIn();
  const copies = [await original.copy(), await original.copy()];
  for (const copy of copies) {
    assert.equal(await copy.token(), null);
    assert.equal((await copy.snapshot()).status, "signedOut");
    assert.deepEqual(await copy.page.evaluate(() => Object.keys(sessionStorage)), ["evertoken:tab"]);
  }
  assert.equal(await original.token(force), "u.a1");
  await original.visit();
  assert.equal(await original.token(force), "u.a2");
  // A copy is a tab like any other, and is itself copied.
  await copies[0].signIn("v");
  assert.equal(await (await copies[0].copy()).token(), null);
  await copies[0].visit();
  assert.equal(await copies[0].token(), "v.a0");
  assert.deepEqual([world.server.posts.length, world.server.revoked], [2, []]);
});

scenario("C7, C41: a tab that died is no copy: its reload goes on with the same attempt", { client: { storage: "session" }, repeats: true }, async (world) => {
  const tab = await world.open();
  await tab.signIn();
  const go = world.server.hold();
  await tab.page.evaluate(() => void client.getAccessToken({ forceRefresh: true }));
  while (world.server.posts.length === 0) await sleep(10);
  // As after a crash: nothing was tidied up.
  await tab.page.evaluate(() => addEventListener("pagehide", (event) => event.stopImmediatePropagation(), true));
  const mark = await tab.page.evaluate(() => sessionStorage.getItem("evertoken:tab"));
  await tab.page.evaluate((mark) => addEventListener("unload", () => sessionStorage.setItem("evertoken:tab", mark)), mark);
  await tab.visit();
  go();
  assert.equal(await tab.token(force), "u.a1");
  assert.deepEqual(world.server.posts[0], world.server.posts[1]);
  assert.equal(await tab.page.evaluate(() => sessionStorage.getItem("evertoken:tab")), mark);
});

scenario("C41: frames of one tab are no copies of each other", { client: { storage: "session" } }, async (world) => {
  const tab = await world.open();
  await tab.signIn();
  const frame = await tab.frame();
  assert.equal(await frame.token(), "u.a0");
  assert.equal(await frame.token(force), "u.a1");
  await tab.reaches(2);
  assert.equal(await tab.token(), "u.a1");
});

scenario("C53: a tab that cannot write goes on with what the others write", { repeats: true, client: { autoRefresh: false } }, async (world) => {
  const [full, other] = await signedIn(world, 2);
  await full.page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  for (let round = 1; round <= 6; round += 2) {
    assert.equal(await full.token(force), `u.a${round}`);
    // Whoever can write is a generation behind, and its request is answered as the first one was.
    assert.equal(await other.token(force), `u.a${round}`);
    await full.page.evaluate(() => new Promise((later) => setTimeout(later, 50)));
    assert.equal(await other.token(force), `u.a${round + 1}`);
    await full.reaches(round + 2);
  }
  assert.deepEqual((await full.heard()).filter((event) => /ended|warning/.test(event)), ["warning ERR_STORE"]);
  assert.deepEqual((await other.heard()).filter((event) => /ended|warning/.test(event)), []);
  await other.signOut();
  assert.equal(await full.ends(), "signedOut");
  assert.equal(await full.token(), null);
});

scenario("C25: a client that is disposed of leaves no lock, no channel and no listener", {}, async (world) => {
  const tab = await world.open();
  await tab.signIn();
  const go = world.server.hold();
  const left = await tab.page.evaluate(async () => {
    const heard = new BroadcastChannel("evertoken:evertoken");
    let said = 0;
    heard.onmessage = () => said++;
    const waiting = client.getAccessToken({ forceRefresh: true }).catch(({ code }) => code);
    const { held } = await navigator.locks.query();
    client.dispose();
    await waiting;
    dispatchEvent(new StorageEvent("storage", { key: null, storageArea: localStorage }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await new Promise((later) => setTimeout(later, 200));
    const after = await navigator.locks.query();
    return { before: held.length, held: after.held.length, pending: after.pending.length, said };
  });
  go();
  assert.deepEqual(left, { before: 1, held: 0, pending: 0, said: 0 });
});

scenario("C10, C13: tabs wait for a server that is away, and ask it once when the network is back", { life: 2 }, async (world) => {
  const tabs = await signedIn(world, 3);
  await world.context.setOffline(true);
  for (const tab of tabs) await tab.page.waitForFunction(() => client.getSnapshot().status === "waiting");
  assert.equal(await tabs[0].token(), "ERR_REFRESH_UNAVAILABLE");
  const before = world.server.posts.length;
  world.server.life = 300;
  await world.context.setOffline(false);
  for (const tab of tabs) await tab.page.waitForFunction(() => client.getSnapshot().status === "active");
  assert.equal(world.server.posts.length, before + 1);
  for (const tab of tabs) assert.deepEqual((await tab.heard()).filter((event) => event.startsWith("ended")), []);
});
