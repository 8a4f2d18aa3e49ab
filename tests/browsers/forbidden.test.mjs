// Storage that the browser forbids: in a sandboxed frame, and where its user lets no site store anything (C32).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inBoth } from "./both.mjs";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";
import { open } from "./webdriver.mjs";

const force = { forceRefresh: true };
/** What users set to let no site store anything. */
const SETTINGS = {
  Chromium: { "profile.default_content_setting_values.cookies": 2 },
  Firefox: { "network.cookie.cookieBehavior": 2 },
};

inBoth((name) => {
  const server = rotating();
  let files;
  // A sandboxed frame is of no origin at all, so whatever it asks for is for others.
  before(async () => void (files = await pages(() => {}, { headers: { "access-control-allow-origin": "*" }, routes: server.routes })));
  after(() => files?.close());

  /** What a client does in a page, from the sign-in to the sign-out, which is the same as with storage but for a warning. */
  const works = async (browser, storage, user) => {
    assert.equal(await browser.run((storage) => {
      try {
        return typeof window[`${storage}Storage`].getItem;
      } catch ({ name }) {
        return name;
      }
    }, storage), "SecurityError");
    server.posts.length = server.revoked.length = 0;
    await browser.run((tokens) => window.client.setTokens(tokens), server.tokens(user));
    const token = (wanted) => browser.run((wanted) => window.client.getAccessToken(wanted).catch(({ code }) => code), wanted);
    assert.equal(await token(), `${user}.a0`);
    assert.deepEqual(await browser.run(() => Promise.all([1, 2, 3].map(() => window.client.getAccessToken({ forceRefresh: true })))), Array(3).fill(`${user}.a1`));
    assert.equal(await token(force), `${user}.a2`);
    assert.equal(new Set(server.posts.map(({ attempt }) => attempt)).size, 2);
    await browser.run(() => window.client.signOut());
    assert.equal(await token(), null);
    assert.deepEqual([server.posts.length, server.revoked], [2, [`${user}.r2`]]);
    assert.deepEqual(await browser.run(() => window.heard), ["warning ERR_STORE", "signedIn", "refreshed", "refreshed", "ended signedOut"]);
  };

  const scenario = (where, prefs, visit) =>
    test(`C32: ${where} a client works in memory, with one warning`, { timeout: 120_000 }, async (t) => {
      const browser = await open(name, { prefs });
      t.after(browser.close);
      const opened = (options) => visit(browser, new URL(`tab.html?${new URLSearchParams({ client: JSON.stringify(options) })}`, files.url).href);
      for (const storage of ["local", "session"]) {
        await opened({ storage });
        await works(browser, storage, `${where} ${storage}`);
      }
      // Nor is there a cookie that could say that somebody is signed in.
      await opened({ refreshTokenTransport: "cookie" });
      assert.equal(await browser.run(() => window.client.ready.then(() => window.client.getAccessToken()).catch(String)), null);
    });

  scenario("in a sandboxed frame", undefined, async (browser, url) => {
    await browser.visit(new URL("blank.html", files.url).href);
    await browser.run((url) => new Promise((loaded) => {
      const frame = document.createElement("iframe");
      frame.sandbox.add("allow-scripts");
      frame.onload = () => loaded(undefined);
      frame.src = url;
      document.body.append(frame);
    }), url);
    await browser.enter(0);
    assert.equal(await browser.run(() => origin), "null");
  });

  scenario("where no site may store anything", SETTINGS[name], (browser, url) => browser.visit(url));
});
