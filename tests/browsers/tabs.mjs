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

  /** What tests do with a tab that has a client of its own. @param {any} page */
  const tabOf = async (page, own = {}) => {
    const begin = () => page.evaluate(start, [{ ...client, ...own }, EVENTS]);
    await begin();
    return {
      page,
      visit: async () => {
        await page.goto(url);
        await begin();
      },
      /** A tab that the browser made a copy of this one's `sessionStorage` for. */
      copy: async () => {
        const [copied] = await Promise.all([context.waitForEvent("page"), page.evaluate(() => void open(location.href))]);
        await copied.waitForLoadState();
        return tabOf(copied, own);
      },
      /** The same page once more, in a frame of this one. */
      frame: async () => {
        await page.evaluate(() => {
          const frame = document.createElement("iframe");
          frame.src = location.href;
          document.body.append(frame);
          return new Promise((loaded) => (frame.onload = loaded));
        });
        return tabOf(page.frames()[1], own);
      },
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
  const open = async (own = {}) => {
    const page = await context.newPage();
    await page.goto(url);
    return tabOf(page, own);
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
