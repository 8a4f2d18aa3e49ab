// Several real tabs over one storage by way of WebDriver, and a server that rotates. One tab is shown at a time.

import { setTimeout as sleep } from "node:timers/promises";
import { pages } from "./server.mjs";
import { rotating } from "./rotating.mjs";

/** Longer than any test takes on any machine: what is given up after this was not waited for by accident. */
const PATIENT = { lockWait: 100, requestTimeout: 100 };
/** Seconds for what must come. */
const LONG = 60;

/** Asks again and again until the answer is yes; gives it. @param {() => Promise<any>} ask @param {unknown} what */
const eventually = async (ask, what) => {
  for (const since = Date.now(); ; await sleep(20)) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() - since > LONG * 1000) throw new Error(`not within ${LONG} s: ${what}`);
  }
};

/**
 * @param {Awaited<ReturnType<typeof import("./webdriver.mjs").open>>} browser
 * @param {object} [options]
 * @param {string} [options.without]  what the pages do not have, by the words of without.mjs
 * @param {object} [options.client]  options of the clients
 * @param {boolean} [options.clock]  whether time stands still but for `pass` and its like
 * @param {boolean} [options.patient]  whether what is waited for a moment is waited for long
 * @param {string} [options.connect]  whom the pages may ask, besides their own server
 * @param {boolean} [options.repeats]  of the server, as `life`
 * @param {number} [options.life]
 */
export const windowsIn = async (browser, { without = "", client = {}, clock = false, patient = false, connect, ...options } = {}) => {
  const server = rotating(options);
  const files = await pages(() => {}, { routes: server.routes, ...(connect && { connect }) });
  const home = await browser.shown();
  /** @type {Map<string, any>} */
  const tabs = new Map();
  /** The tab and the frame in which things are done now. @type {string | undefined} */
  let shown;

  /** What is done in a tab, once it is shown; `own` is what this tab alone has. */
  const tabOf = (handle, own = {}, frame = null) => {
    const url = (more = {}) => {
      const said = { client: JSON.stringify({ ...PATIENT, ...client, ...own.client }), without: [without, own.without].join(" "), ...(clock && { clock: 1.8e12 }), ...(patient && { patient }), ...more };
      return new URL(`tab.html?${new URLSearchParams(said)}`, files.url).href;
    };
    const show = async () => {
      const wanted = `${handle} ${frame}`;
      if (shown === wanted) return;
      shown = undefined;
      await browser.show(handle);
      if (frame !== null) await browser.enter(frame);
      shown = wanted;
    };
    const run = async (script, ...args) => {
      await show();
      return browser.run(script, ...args);
    };
    const until = (condition, ...args) => eventually(() => run(condition, ...args), condition);
    const loaded = () => run(() => window.client.ready);
    const tab = {
      run,
      show,
      until,
      visit: async (more) => {
        await show();
        await browser.visit(url(more));
        await loaded();
      },
      leave: async () => {
        await show();
        await browser.visit(new URL("blank.html", files.url).href);
      },
      back: async () => {
        // Drivers come back before a busy browser has even begun: what is left is told from what is shown.
        await run(() => (window.left = true));
        await browser.back();
        await eventually(() => browser.run(() => !window.left && Boolean(window.client) && window.restored !== undefined).catch(() => false), "the page before");
        await loaded();
      },
      close: async () => {
        await show();
        await browser.leave();
        tabs.delete(handle);
        // New tabs are opened from the one that is shown.
        await browser.show(home);
        shown = undefined;
      },
      /** A tab that the browser made a copy of this one's `sessionStorage` for. */
      copy: async (/** @type {object} */ more) => {
        const before = await browser.tabs();
        await run((url) => void window.open(url), url(more));
        const copied = await eventually(async () => (await browser.tabs()).find((other) => !before.includes(other)), "a copy of the tab");
        const made = tabOf(copied, own);
        tabs.set(copied, made);
        // It is empty at first.
        await eventually(() => made.run(() => window.restored !== undefined && window.client.ready.then(() => true)).catch(() => false), "the copy's client");
        return made;
      },
      /** The same page so many times more, in frames of this one that load side by side. */
      frames: async (count) => {
        await run((count) => Promise.all(Array.from({ length: count }, () => new Promise((loaded) => {
          const frame = document.createElement("iframe");
          frame.onload = () => loaded(undefined);
          frame.src = location.href;
          document.body.append(frame);
        }))).then(() => {}), count);
        const framed = Array.from({ length: count }, (_, index) => tabOf(handle, own, index));
        for (const frame of framed) await frame.run(() => window.client.ready);
        return framed;
      },
      signIn: (user) => run((tokens) => window.client.setTokens(tokens), server.tokens(user)),
      signOut: () => run(() => window.client.signOut()),
      /** Begins to ask; `asked` comes to the answer. */
      ask: (wanted = {}) => run((wanted) => void (window.asked = window.client.getAccessToken(wanted).catch(({ code }) => code)), wanted),
      asked: () => run(() => window.asked),
      token: (wanted = {}) => run((wanted) => window.client.getAccessToken(wanted).catch(({ code }) => code), wanted),
      snapshot: () => run(() => window.client.getSnapshot()),
      heard: () => run(() => window.heard),
      /** What was told of these. */
      heardOf: async (events) => (await tab.heard()).filter((event) => events.test(event)),
      /** Waits until an event was heard so often. */
      hears: (event, times = 1) => until((event, times) => window.heard.filter((heard) => heard.startsWith(event)).length >= times, event, times),
      reaches: (generation) => until((least) => window.client.getSnapshot().generation >= least, generation),
      /** Waits for the end; gives its reason. */
      ends: () => until(() => window.client.getSnapshot().endReason),
      /** What the client has in storage. */
      stored: () => run(() => Object.keys(localStorage).filter((key) => key.startsWith("evertoken"))),
    };
    return tab;
  };

  const open = async (own) => {
    const handle = await browser.open();
    const tab = tabOf(handle, own);
    tabs.set(handle, tab);
    await tab.visit();
    return tab;
  };
  /** Lets milliseconds go by on clocks of all tabs, who do not notice. */
  const elapse = async (/** @type {Record<string, number>} */ clocks) => {
    const [first, ...others] = tabs.values();
    const set = await first.run((clocks) => Object.entries(clocks).map(([name, by]) => {
      localStorage.setItem(name, String(Number(localStorage.getItem(name)) + by));
      return [name, localStorage.getItem(name)];
    }), clocks);
    for (const tab of others) await tab.until((set) => set.every(([name, value]) => localStorage.getItem(name) === value), set);
  };
  const world = {
    server,
    open,
    /** So many tabs of one user, all of whom know it. */
    signedIn: async (/** @type {number} */ count) => {
      const all = [];
      for (let made = 0; made < count; made++) all.push(await open());
      await all[0].signIn();
      for (const tab of all) await tab.reaches(1);
      return all;
    },
    /** Renewals that every tab asks for before the first of them is answered; all their answers. */
    together: async (all) => {
      const go = server.hold();
      for (const tab of all) await tab.ask({ forceRefresh: true });
      go();
      const tokens = [];
      for (const tab of all) tokens.push(await tab.asked());
      return tokens;
    },
    posted: (/** @type {number} */ count) => eventually(async () => server.posts.length >= count, `${count} requests`),
    revoked: (/** @type {number} */ count) => eventually(async () => server.revoked.length >= count, `${count} revocations`),
    /** Seconds that no tab notices before it is shown, or asked. */
    elapse: (/** @type {number} */ seconds) => elapse({ wall: seconds * 1000, monotonic: seconds * 1000 }),
    /** The same, while the machine sleeps: its monotonic clock stands still. */
    sleep: (/** @type {number} */ seconds) => elapse({ wall: seconds * 1000 }),
    /** Seconds after which every tab looks at its clock. */
    pass: async (/** @type {number} */ seconds) => {
      await world.elapse(seconds);
      for (const tab of tabs.values()) await tab.run(() => void document.dispatchEvent(new Event("visibilitychange")));
    },
    /** The server is away until it is `back`. */
    away: () => files.close(),
    back: () => files.reopen(),
    close: async () => {
      server.held = undefined;
      for (const handle of await browser.tabs()) {
        if (handle === home) continue;
        await browser.show(handle);
        await browser.leave();
      }
      await browser.show(home);
      await files.close();
    },
  };
  return world;
};
