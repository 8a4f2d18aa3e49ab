// Tabs that the browser freezes, as it does with those that nobody has looked at for a while. Chromium alone can be asked to,
// and not by playwright, whose pages all count as seen.

import assert from "node:assert/strict";
import { withTabs } from "./both.mjs";
import { freeze, thaw } from "./freezing.mjs";

const force = { forceRefresh: true };

withTabs((scenario) => {
  scenario("C4: a tab that freezes while it refreshes holds nobody up, and overwrites nothing when it thaws", { repeats: true, client: { lockWait: 1 } }, async ({ server, signedIn, posted }, browser) => {
    const [frozen, other] = await signedIn(2);
    const go = server.hold();
    await frozen.ask(force);
    await posted(1);
    await freeze(browser);
    server.held = undefined;
    assert.equal(await other.token(force), "u.a1");
    assert.equal(await other.token(force), "u.a2");
    go();
    await frozen.show();
    await thaw(browser);
    assert.match(await frozen.asked(), /^u\.a[12]$/);
    assert.equal(await frozen.token(), "u.a2");
    assert.deepEqual((await other.stored()).map((key) => key.split(":")[2]).filter(Boolean), ["3"]);
    assert.deepEqual(await frozen.heardOf(/ended/), []);
  });

  scenario("C28: a tab that was frozen while another user signed in is theirs when it thaws", {}, async ({ signedIn }, browser) => {
    const [one, late] = await signedIn(2);
    // None where it read of the first user when it started.
    const before = (await late.heardOf(/sessionChanged/)).length;
    await freeze(browser);
    await one.signIn("v");
    await late.show();
    await thaw(browser);
    await late.hears("sessionChanged", before + 1);
    assert.equal(await late.token(), "v.a0");
  });
}, ["Chromium"]);
