// Tabs by way of WebDriver, for browsers and behaviours that the DevTools protocol does not reach: one is shown at a time.

import { setTimeout as sleep } from "node:timers/promises";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";

/**
 * @param {Awaited<ReturnType<typeof import("./webdriver.mjs").open>>} browser
 * @param {{ without?: "locks" | "both", client?: object, repeats?: boolean, life?: number }} [options]
 */
export const windowsIn = async (browser, { without, client = {}, ...options } = {}) => {
  const server = rotating(options);
  const files = await pages(() => {}, { routes: server.routes });
  const home = await browser.shown();
  const url = (/** @type {string} */ more = "") => {
    const said = new URLSearchParams({ client: JSON.stringify(client), ...(without && { without }) });
    return new URL(`tab.html?${said}${more}`, files.url).href;
  };
  const tabs = [];

  /** What is done in a tab, once it is shown. */
  const tabOf = (handle) => {
    const run = async (script, ...args) => {
      await browser.show(handle);
      return browser.run(script, ...args);
    };
    const tab = {
      run,
      visit: async (more) => {
        await browser.show(handle);
        await browser.visit(url(more));
        await run(() => window.client.ready);
      },
      leave: async () => {
        await browser.show(handle);
        await browser.visit(new URL("blank.html", files.url).href);
      },
      back: async () => {
        // Drivers come back before a busy browser has even begun: what is left is told from what is shown.
        await run(() => (window.left = true));
        await browser.back();
        const shown = () => browser.run(() => !window.left && Boolean(window.client) && window.restored !== undefined).catch(() => false);
        for (const since = Date.now(); !(await shown()); await sleep(20)) if (Date.now() - since > 20_000) throw new Error("nothing was shown within 20 s");
        await run(() => window.client.ready);
      },
      signIn: (user) => run((tokens) => window.client.setTokens(tokens), server.tokens(user)),
      /** Begins to ask; `asked` comes to the answer. */
      ask: (wanted = {}) => run((wanted) => void (window.asked = window.client.getAccessToken(wanted).catch(({ code }) => code)), wanted),
      asked: () => run(() => window.asked),
      token: (wanted = {}) => run((wanted) => window.client.getAccessToken(wanted).catch(({ code }) => code), wanted),
      snapshot: () => run(() => window.client.getSnapshot()),
      heard: () => run(() => window.heard),
      /** Waits for the first of these events, unless it was heard already. */
      hears: (event) =>
        run((event) => new Promise((done) => (window.heard.some((heard) => heard.startsWith(event)) ? done() : window.client.on(event, done))).then(() => {}), event),
    };
    return tab;
  };
  return {
    server,
    open: async () => {
      const handle = await browser.open();
      tabs.push(handle);
      const tab = tabOf(handle);
      await tab.visit();
      return tab;
    },
    close: async () => {
      for (const handle of tabs) {
        await browser.show(handle);
        await browser.leave();
      }
      await browser.show(home);
      files.close();
    },
  };
};
