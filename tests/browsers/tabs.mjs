// Several real tabs of one browser over one storage, and a server that rotates.

import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";

export const EVENTS = ["signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"];

/** In the page: makes a client, and notes what it tells. @param {[object, string[]]} given */
const start = async ([options, events]) => {
  const { createClient } = await import("/src/js/browser.js");
  const page = /** @type {any} */ (globalThis);
  page.heard = [];
  page.client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", ...options });
  for (const event of events) page.client.on(event, (detail) => page.heard.push([event, detail.reason ?? detail.code].filter(Boolean).join(" ")));
  await page.client.ready;
};

/**
 * @param {import("playwright-core").Browser} browser
 * @param {{ locks?: boolean, channel?: boolean, repeats?: boolean, life?: number, client?: object }} [options]
 */
export const tabsIn = async (browser, { locks = true, channel = true, client = {}, ...options } = {}) => {
  const server = rotating(options);
  const files = await pages(() => {}, { routes: server.routes });
  const context = await browser.newContext();
  if (!locks) await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  if (!channel) await context.addInitScript(() => void delete globalThis.BroadcastChannel);
  const url = new URL("blank.html", files.url).href;

  /** A tab with a client of its own. */
  const open = async (own = {}) => {
    const page = await context.newPage();
    const visit = async () => {
      await page.goto(url);
      await page.evaluate(start, [{ ...client, ...own }, EVENTS]);
    };
    await visit();
    return {
      page,
      visit,
      signIn: (user = "u", life = server.life) => page.evaluate((tokens) => client.setTokens(tokens), server.tokens(user, life)),
      token: (wanted = {}) => page.evaluate((wanted) => client.getAccessToken(wanted).catch(({ code }) => code), wanted),
      signOut: () => page.evaluate(() => client.signOut()),
      heard: () => page.evaluate(() => heard),
      snapshot: () => page.evaluate(() => client.getSnapshot()),
      stored: () => page.evaluate(() => Object.keys(localStorage)),
      /** Waits until the page's client has reached this generation. */
      reaches: (generation) => page.waitForFunction((least) => client.getSnapshot().generation >= least, generation, { timeout: 10_000 }),
      ends: () => page.waitForFunction(() => client.getSnapshot().endReason, undefined, { timeout: 10_000 }).then((reason) => reason.jsonValue()),
    };
  };
  return {
    server,
    context,
    open,
    openAll: (count) => Promise.all(Array.from({ length: count }, () => open())),
    close: async () => {
      await context.close();
      files.close();
    },
  };
};
