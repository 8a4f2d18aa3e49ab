// Tabs of one user: they take turns, hear of each other, and reload and go at the worst of moments.

import assert from "node:assert/strict";
import { withTabs } from "./both.mjs";

const force = { forceRefresh: true };
/** What is missing, in a test's name. */
const lacking = (without) => without && `, without ${without.replace(" ", " and ")}`;

withTabs((scenario) => {
  for (const without of ["", "channel"]) {
    scenario(`C2: five tabs take turns${lacking(without)}: one request a renewal`, { without }, async ({ signedIn, together, server }) => {
      const tabs = await signedIn(5);
      for (let round = 1; round <= 2; round++) {
        assert.deepEqual(await together(tabs), Array(5).fill(`u.a${round}`));
        assert.equal(server.posts.length, round);
        // A tab that only now hears of this renewal would ask for the next one.
        for (const tab of tabs) await tab.reaches(round + 1);
      }
      for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended|Deferred|warning/), []);
    });
  }

  scenario("C2: five tabs whose tokens run out together renew by themselves, once", { clock: true }, async ({ signedIn, pass, server }) => {
    const tabs = await signedIn(5);
    for (let round = 1; round <= 2; round++) {
      await pass(300);
      for (const tab of tabs) await tab.reaches(round + 1);
      assert.equal(server.posts.length, round);
    }
    for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended|Deferred|warning/), []);
  });

  for (const without of ["locks", "locks channel"]) {
    scenario(`C3: five tabs get one successor and converge${lacking(without)}`, { repeats: true, without }, async ({ signedIn, together, server }) => {
      const tabs = await signedIn(5);
      for (let round = 1; round <= 2; round++) {
        const sent = server.posts.length;
        assert.deepEqual(await together(tabs), Array(5).fill(`u.a${round}`));
        assert.ok(server.posts.length - sent <= 5);
        for (const tab of tabs) await tab.reaches(round + 1);
      }
      for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended|warning/), []);
    });
  }

  scenario("C4, C29: a tab that keeps its turn and gets no answer holds nobody up, and its late answer overwrites nothing", { repeats: true, client: { lockWait: 0.2 } }, async (world) => {
    const stale = await world.open({ without: "ears" });
    await stale.signIn();
    const other = await world.open();
    const go = world.server.hold();
    await stale.ask(force);
    await world.posted(1);
    world.server.held = undefined;
    assert.equal(await other.token(force), "u.a1");
    assert.equal(await other.token(force), "u.a2");
    const stored = await other.stored();
    go();
    assert.equal(await stale.asked(), "u.a2");
    assert.equal(await stale.token(), "u.a2");
    assert.deepEqual(await other.stored(), stored);
    assert.deepEqual(stored.map((key) => key.split(":")[2]).filter(Boolean), ["3"]);
    assert.deepEqual([await stale.heardOf(/ended|warning/), await other.heardOf(/ended|warning/)], [[], []]);
  });

  for (const code of [undefined, "superseded"]) {
    for (const seconds of [300, 0]) {
      const title = `C5: whoever is refused (${code ?? "without a code"}) before the winner's tokens are stored waits for them, ${seconds > 0 ? "once its token is over" : "and its token lives"}`;
      scenario(title, { clock: true, without: "locks", client: { autoRefresh: false } }, async ({ signedIn, elapse, posted, server }) => {
        const [winner, loser] = await signedIn(2);
        await elapse(seconds);
        const go = server.hold();
        await winner.ask(force);
        await posted(1);
        server.held = undefined;
        server.refusal = { error: "invalid_grant", ...(code && { code }) };
        await loser.ask(force);
        await loser.until(() => window.said.some((line) => line.startsWith("answered") && line.endsWith("400")));
        go();
        assert.deepEqual([await winner.asked(), await loser.asked()], ["u.a1", "u.a1"]);
        for (const tab of [winner, loser]) assert.deepEqual(await tab.heardOf(/ended|expiring|warning/), []);
        assert.equal(server.posts.length, 2);
      });
    }
  }

  scenario("C6: an answer that is lost on its way is asked for again, and is the same", { clock: true, repeats: true }, async ({ open, pass, server }) => {
    const tab = await open();
    await tab.signIn();
    server.losing = 1;
    assert.equal(await tab.token(force), "ERR_REFRESH_UNAVAILABLE");
    await pass(60);
    assert.equal(await tab.token(force), "u.a1");
    assert.deepEqual(server.posts[0], server.posts[1]);
    assert.equal(server.posts.length, 2);
    assert.deepEqual(await tab.heardOf(/ended|warning/), []);
  });

  scenario("C7: a tab that is reloaded or killed between request and answer: whoever comes next resends its attempt", { repeats: true }, async ({ signedIn, posted, server }) => {
    const [tab, other] = await signedIn(2);
    for (const [leave, next] of [[() => tab.visit({ again: "" }), tab], [tab.close, other]]) {
      const before = server.posts.length;
      const go = server.hold();
      await tab.ask(force);
      await posted(before + 1);
      await leave();
      go();
      assert.match(await next.token(force), /^u\.a\d$/);
      const [first, second] = server.posts.slice(before);
      assert.deepEqual(first, second);
    }
    assert.equal((await other.snapshot()).status, "active");
    assert.deepEqual(await other.heardOf(/ended|warning/), []);
  });

  for (const [code, without] of [["reuse", ""], ["reuse", "channel"], ["revoked", ""], ["evicted", ""]]) {
    scenario(`C8, C12: a session that the server ended (${code}) is over in every tab, for one reason${lacking(without)}`, { without }, async ({ signedIn, server }) => {
      const tabs = await signedIn(3);
      server.next.push({ status: 400, body: { error: "invalid_grant", code } });
      assert.match(await tabs[1].token(force), /^ERR_REFRESH_(REUSED|REVOKED)$/);
      for (const tab of tabs) assert.equal(await tab.ends(), code);
      for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended/), [`ended ${code}`]);
      assert.deepEqual(await tabs[0].stored(), []);
      assert.equal(server.posts.length, 1);
    });
  }

  scenario("C10, C13: tabs wait for a server that is away, and ask it once when it is back", { clock: true }, async ({ signedIn, pass, away, back, server }) => {
    const tabs = await signedIn(3);
    await away();
    await pass(300);
    for (const tab of tabs) await tab.until(() => window.client.getSnapshot().status === "waiting");
    assert.equal(await tabs[0].token(), "ERR_REFRESH_UNAVAILABLE");
    await back();
    await pass(60);
    for (const tab of tabs) await tab.reaches(2);
    assert.equal(server.posts.length, 1);
    for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended|warning/), []);
  });

  scenario("C24: a sign-out in one tab is one in all of them", {}, async ({ signedIn, server }) => {
    const tabs = await signedIn(3);
    await tabs[1].signOut();
    for (const tab of tabs) assert.equal(await tab.ends(), "signedOut");
    assert.deepEqual(await tabs[0].stored(), []);
    assert.deepEqual(server.revoked, ["u.r0"]);
  });

  scenario("C25: a client that is disposed of leaves no lock, no channel and no listener", {}, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    const go = server.hold();
    const left = await tab.run(async () => {
      const heard = new BroadcastChannel("evertoken:evertoken");
      let said = 0;
      heard.onmessage = ({ data }) => data !== "end" && said++;
      const waiting = window.client.getAccessToken({ forceRefresh: true }).catch(({ code }) => code);
      const locks = async () => {
        const { held, pending } = await navigator.locks.query();
        return held.length + pending.length;
      };
      const before = await locks();
      window.client.dispose();
      await waiting;
      dispatchEvent(new StorageEvent("storage", { key: null, storageArea: localStorage }));
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      while ((await locks()) > 0);
      // What was said before this is heard before it.
      await new Promise((last) => {
        heard.addEventListener("message", ({ data }) => data === "end" && last(undefined));
        new BroadcastChannel("evertoken:evertoken").postMessage("end");
      });
      return { before, said };
    });
    go();
    assert.deepEqual(left, { before: 1, said: 0 });
  });

  scenario("C28: another user's sign-in is one sessionChanged in every tab", {}, async ({ signedIn }) => {
    const [one, two] = await signedIn(2);
    await one.signIn("v");
    await two.hears("sessionChanged", 2);
    assert.equal(await two.token(), "v.a0");
    assert.deepEqual(await two.heardOf(/./), ["sessionChanged", "sessionChanged"]);
  });

  scenario("C28: a tab that heard nothing of another user's sign-in learns of it before it sends anything, and never mixes the two", {}, async ({ open, server }) => {
    const late = await open({ without: "ears" });
    await late.signIn();
    await (await open()).signIn("v");
    // What was asked for one user is not answered for another.
    assert.equal(await late.token(force), "ERR_SESSION_ENDED");
    assert.equal(await late.token(), "v.a0");
    assert.deepEqual(await late.heardOf(/./), ["signedIn", "sessionChanged"]);
    assert.equal((await late.snapshot()).generation, 1);
    assert.equal(server.posts.length, 0);
  });

  scenario("C32: storage that its user clears ends the session in every tab", {}, async ({ signedIn }) => {
    const tabs = await signedIn(2);
    await tabs[0].run(() => localStorage.clear());
    assert.equal(await tabs[1].ends(), "storage");
    assert.equal(await tabs[0].token(force), "ERR_SESSION_ENDED");
  });

  scenario("C40: with \"always\" the first live tab refreshes, a later one and a reload beside it do not", { client: { refreshOnStart: "always" } }, async ({ open, server }) => {
    const first = await open({ client: { refreshOnStart: "if-needed" } });
    await first.signIn();
    await first.close();
    const tab = await open();
    await tab.reaches(2);
    assert.equal(server.posts.length, 1);
    const beside = await open();
    assert.equal(await beside.token(), "u.a1");
    await beside.visit();
    assert.equal(await beside.token(), "u.a1");
    // The last one that lives begins anew.
    await beside.close();
    await tab.visit();
    await tab.reaches(3);
    assert.equal(server.posts.length, 2);
  });

  scenario("C44: where the last write is lost, the next page gets the same successor", { repeats: true }, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    const before = await tab.run(() => ({ ...localStorage }));
    assert.equal(await tab.token(force), "u.a1");
    await tab.leave();
    await tab.run((before) => {
      localStorage.clear();
      for (const [key, value] of Object.entries(before)) localStorage.setItem(key, value);
    }, before);
    await tab.visit();
    assert.equal(await tab.token(), "u.a0");
    assert.equal(await tab.token(force), "u.a1");
    assert.deepEqual(server.posts[0], server.posts[1]);
    assert.deepEqual(await tab.heardOf(/ended|warning/), []);
  });

  scenario("C48: clients of two names on one origin share nothing", {}, async ({ open, posted, server }) => {
    const [one, two] = [await open(), await open({ client: { storageKey: "evertoken2" } })];
    await one.signIn();
    await two.signIn("v");
    const go = server.hold();
    await one.ask(force);
    await posted(1);
    // The other's turn is not this one's.
    await two.ask(force);
    await posted(2);
    go();
    assert.deepEqual([await one.asked(), await two.asked()], ["u.a1", "v.a1"]);
    await one.signOut();
    assert.equal(await two.token(force), "v.a2");
    assert.deepEqual(await two.heard(), ["signedIn", "refreshed", "refreshed"]);
  });

  scenario("C53: a tab that cannot write goes on with what the others write", { repeats: true, client: { autoRefresh: false } }, async ({ signedIn }) => {
    const [full, other] = await signedIn(2);
    await full.run(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    for (let round = 1; round <= 6; round += 2) {
      assert.equal(await full.token(force), `u.a${round}`);
      // Whoever can write is a generation behind, and its request is answered as the first one was.
      assert.equal(await other.token(force), `u.a${round}`);
      assert.equal(await other.token(force), `u.a${round + 1}`);
      await full.reaches(round + 2);
    }
    assert.deepEqual(await full.heardOf(/ended|warning/), ["warning ERR_STORE"]);
    assert.deepEqual(await other.heardOf(/ended|warning/), []);
    await other.signOut();
    assert.equal(await full.ends(), "signedOut");
    assert.equal(await full.token(), null);
  });
});
