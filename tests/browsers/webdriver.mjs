// Browsers by way of their drivers, with as much of WebDriver (https://www.w3.org/TR/webdriver2/) as a visit needs.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { geckodriver } from "../../scripts/setup.mjs";
import { freePort } from "../../scripts/lib/port.mjs";
import { present } from "../../scripts/lib/run.mjs";
import { webkit } from "../../scripts/lib/webkit.mjs";
import webdriver from "../../webdriver.json" with { type: "json" };

const gecko = async () => ((await present("geckodriver")) ? "geckodriver" : geckodriver());

/** @type {Record<string, { command: (port: number) => Promise<string[]>, browserName?: string, env?: Record<string, string> }>} */
export const browsers = {
  Chromium: { command: async (port) => ["chromedriver", `--port=${port}`] },
  Firefox: { command: async (port) => [await gecko(), "--port", String(port)] },
  WebKitGTK: {
    // It draws even when nobody looks, so it gets a screen of its own.
    command: async (port) => ["xvfb-run", "--auto-servernum", "WebKitWebDriver", `--port=${port}`],
    env: webkit,
  },
};
const options = { Chromium: "goog:chromeOptions", Firefox: "moz:firefoxOptions", WebKitGTK: "webkitgtk:browserOptions" };

/**
 * Opens a browser.
 * @param {keyof typeof options} name
 * @param {{ args?: string[], prefs?: Record<string, unknown>, proxy?: string }} [more]  than every test needs: `proxy` is
 *   a host and its port, which is asked for whatever is on http
 */
export const open = async (name, { args: switches = [], prefs, proxy } = {}) => {
  const port = await freePort();
  const [program, ...args] = await browsers[name].command(port);
  // A group of its own, so that what the driver started ends with it.
  const driver = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...browsers[name].env } });
  let said = "";
  for (const stream of [driver.stdout, driver.stderr]) stream.on("data", (data) => (said = (said + data).slice(-4_000)));
  const exited = new Promise((ended) => driver.once("exit", ended).once("error", ended));
  const stop = () => {
    process.removeListener("exit", stop);
    try {
      process.kill(-(/** @type {number} */ (driver.pid)), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    return exited;
  };
  process.once("exit", stop);

  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) });
    const { value } = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(`${name}: ${method} ${path}: ${value?.error}: ${value?.message}\n${said}`);
    return value;
  };
  const listening = async () => {
    for (let tries = 0; tries < 100; tries++) {
      if (driver.exitCode !== null) break;
      if (await ask("GET", "/status").then(() => true, () => false)) return;
      await sleep(100);
    }
    throw new Error(`${name}'s driver did not start: ${program} ${args.join(" ")}\n${said}`);
  };
  try {
    await listening();
    const own = { ...webdriver[options[name]], args: [...webdriver[options[name]].args, ...switches], ...(prefs && { prefs }) };
    const capabilities = { alwaysMatch: { [options[name]]: own, ...(proxy && { proxy: { proxyType: "manual", httpProxy: proxy } }) } };
    const { sessionId, capabilities: granted } = await ask("POST", "/session", { capabilities });
    const to = (/** @type {string} */ path, body = {}) => ask("POST", `/session/${sessionId}${path}`, body);
    return {
      /** Where Chromium takes the DevTools protocol. @type {string} */
      devtoolsAddress: granted[options.Chromium]?.debuggerAddress,
      visit: (/** @type {string} */ url) => to("/url", { url }),
      back: () => to("/back"),
      /** Runs a function in the page; what it promises is awaited. @param {Function} script @param {unknown[]} args */
      run: (script, ...args) => to("/execute/sync", { script: `return (${script})(...arguments)`, args }),
      /** Opens a tab; gives its name. */
      open: async () => (await to("/window/new", { type: "tab" })).handle,
      /** The tabs that are open. @returns {Promise<string[]>} */
      tabs: () => ask("GET", `/session/${sessionId}/window/handles`),
      /** Goes into a frame of the page that is shown, or to all of it. */
      enter: (/** @type {number | null} */ frame) => to("/frame", { id: frame }),
      /** As if its user pressed a key. */
      press: (/** @type {string} */ value) =>
        to("/actions", { actions: [{ type: "key", id: "keys", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }] }),
      /** Asks Chromium for what only the DevTools protocol has, in the tab that is shown. */
      devtools: (/** @type {string} */ cmd, params = {}) => to("/goog/cdp/execute", { cmd, params }),
      /** Closes the tab that is shown. */
      leave: () => ask("DELETE", `/session/${sessionId}/window`),
      show: (/** @type {string} */ handle) => to("/window", { handle }),
      /** The tab that is shown. @returns {Promise<string>} */
      shown: () => ask("GET", `/session/${sessionId}/window`),
      close: async () => {
        await ask("DELETE", `/session/${sessionId}`).catch(() => {});
        await stop();
      },
      /** Ends it as a power cut would, at any moment. */
      kill: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
