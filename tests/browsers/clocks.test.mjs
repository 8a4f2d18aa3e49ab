// Time in real pages: clocks that are wrong, jump and sleep, tabs that nobody sees, and sessions that come to their end.

import assert from "node:assert/strict";
import { withTabs } from "./both.mjs";

const HOUR = 3_600;
const over = { error: "invalid_grant", code: "idle" };

withTabs((scenario) => {
  scenario("C12: a session that the server ended for idleness serves its token to the end, and ends once in every tab", { clock: true }, async ({ signedIn, pass, server }) => {
    const tabs = await signedIn(2);
    server.refusal = over;
    await pass(260);
    for (const tab of tabs) {
      await tab.hears("expiring");
      assert.equal(await tab.token(), "u.a0");
      assert.deepEqual(await tab.heardOf(/ended/), []);
    }
    await pass(40);
    for (const tab of tabs) assert.equal(await tab.ends(), "idle");
    for (const tab of tabs) assert.deepEqual(await tab.heardOf(/expiring|ended/), ["expiring idle", "ended idle"]);
    assert.deepEqual(await tabs[0].stored(), []);
  });

  for (const skew of [2 * HOUR, -2 * HOUR]) {
    scenario(`C14: a clock that is wrong by ${skew / HOUR} hours costs nothing, and its jumps and a reload cost one request each at most`, { clock: true, repeats: true }, async ({ open, pass, server }) => {
      const tab = await open();
      /** Sets this tab's clock; gives how many requests that cost. */
      const set = async (act) => {
        const before = server.posts.length;
        await act();
        // Whatever is due is sent by the time the next token is there.
        const token = await tab.token();
        assert.equal(token, server.tokens().access_token, "nobody has a token that is over");
        return server.posts.length - before;
      };
      const jump = (seconds) => set(async () => {
        await tab.run((by) => void (window.skew += by), seconds * 1000);
        await pass(0);
      });
      await tab.run((skew) => void (window.skew = skew), skew * 1000);
      await tab.signIn();
      assert.equal(await set(() => pass(200)), 0);
      await pass(60);
      await tab.reaches(2);
      assert.equal(await set(() => pass(10)), 0);
      assert.equal(server.posts.length, 1, "as with a clock that is right");
      for (const seconds of [HOUR, -HOUR]) assert.ok((await jump(seconds)) <= 1);
      for (const reloaded of [skew * 1000, 0, -skew * 1000]) {
        assert.ok((await set(() => tab.visit({ skew: String(reloaded) }))) <= 1);
        assert.equal(await set(() => pass(10)), 0);
      }
      assert.deepEqual(await tab.heardOf(/ended|warning/), []);
    });
  }

  for (const clock of /** @type {const} */ (["sleep", "elapse"])) {
    scenario(`C15: after a night's sleep ${clock === "sleep" ? "in which one clock stood still " : ""}the first request waits for one refresh, whoever sends it`, { clock: true }, async (world) => {
      const sent = [];
      world.server.routes["/me"] = (_body, response, { headers }) => (sent.push(headers.authorization), response.end("{}"));
      const tabs = await world.signedIn(2);
      await world[clock](8 * HOUR);
      for (const tab of tabs) await tab.run(() => window.client.fetch("/me").then(({ status }) => status));
      assert.deepEqual(sent, ["Bearer u.a1", "Bearer u.a1"]);
      assert.equal(world.server.posts.length, 1);
      for (const tab of tabs) assert.deepEqual(await tab.heardOf(/ended|warning/), []);
    });
  }

  scenario("C16: of tabs that nobody saw for minutes the first that is shown sends one request, and the other none", { clock: true, life: 60 }, async ({ signedIn, elapse, server }) => {
    const [one, two] = await signedIn(2);
    for (const tab of [one, two]) await tab.run(() => void document.addEventListener("visibilitychange", () => window.said.push(document.visibilityState)));
    await elapse(600);
    // To show it is to see it: no event is made up here.
    for (const tab of [one, two]) {
      await tab.until(() => window.said.includes("visible"));
      await tab.reaches(2);
    }
    for (const tab of [one, two]) assert.equal(await tab.token(), "u.a1");
    assert.equal(server.posts.length, 1);
    for (const tab of [one, two]) assert.deepEqual(await tab.heardOf(/ended|warning/), []);
  });

  scenario("C30: all tabs count down, a key in one of them stops it in all, and left alone all end at once", { clock: true, client: { idleTimeout: 900, autoRefresh: false } }, async ({ signedIn, pass, revoked, server }, browser) => {
    const [one, two] = await signedIn(2);
    await pass(850);
    for (const tab of [one, two]) await tab.hears("idleCountdown");
    // A tab that was shown just now may not have the keyboard yet.
    await two.run(() => addEventListener("keydown", () => (window.pressed = true)));
    do await browser.press("a");
    while (!(await two.run(() => window.pressed === true)));
    // The second time it tells that it stopped.
    for (const tab of [one, two]) await tab.hears("idleCountdown", 2);
    await pass(850);
    for (const tab of [one, two]) {
      await tab.hears("idleCountdown", 3);
      assert.deepEqual(await tab.heardOf(/ended/), []);
    }
    await pass(51);
    for (const tab of [one, two]) assert.equal(await tab.ends(), "idle");
    assert.deepEqual(await one.stored(), []);
    await revoked(1);
    // Tabs that end at the same moment both tell the server, of the same session.
    assert.deepEqual(new Set(server.revoked), new Set(["u.r0"]));
  });
});
