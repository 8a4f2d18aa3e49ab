// Folders as a site serves them, and what becomes of their pages in a browser.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { open } from "../browsers/webdriver.mjs";
import { ADAPTED } from "./adapters.mjs";
import { CHECKS } from "./smoke.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
/** As strict as it can be with wasm in it. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'";

/**
 * Serves a folder on a free port.
 * @param {string} folder
 * @param {string} [policy]
 */
export const site = async (folder, policy = POLICY) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = await readFile(join(folder, pathname)).catch(() => undefined);
    const type = types[/** @type {keyof typeof types} */ (extname(pathname))] ?? "text/plain";
    response.writeHead(file ? 200 : 404, { "content-type": type, "content-security-policy": policy }).end(file ?? "");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => (server.closeAllConnections(), server.close()) };
};

/**
 * The names of the package's modules, whatever a bundler calls their files.
 * @param {string} installed  the package's folder
 */
export const namer = (installed) => {
  const modules = readdirSync(join(installed, "pkg")).filter((name) => name.endsWith("_bg.wasm"));
  const known = modules.map((name) => ({ name: name.slice(0, -"_bg.wasm".length), bytes: readFileSync(join(installed, "pkg", name)) }));
  return (/** @type {Uint8Array} */ bytes) => known.find((module) => module.bytes.equals(bytes))?.name ?? `${bytes.length} bytes of something else`;
};

/**
 * A browser that looks at the fixtures' pages.
 * @param {"Chromium" | "Firefox" | "WebKitGTK"} name
 * @param {string} installed  the package's folder
 */
export const looker = async (name, installed) => {
  const nameOf = namer(installed);
  const browser = await open(name);
  /** @param {string} url @returns {Promise<{ done: string[], broken: string[], wasm: string[] }>} */
  const look = async (url) => {
    await browser.visit(url);
    for (let tries = 0; tries < 300; tries++) {
      const outcome = await browser.run(() => globalThis.outcome ?? null);
      if (outcome) return outcome;
      await new Promise((later) => setTimeout(later, 100));
    }
    throw new Error(`${url} came to no end in 30 s: did its modules load?`);
  };
  const names = async (/** @type {string} */ url, /** @type {string[]} */ wasm) => {
    const bytes = wasm.map(async (path) => Buffer.from(await (await fetch(new URL(path, url))).arrayBuffer()));
    return (await Promise.all(bytes)).map(nameOf).sort();
  };
  return {
    close: browser.close,
    /** The page that uses everything: each module comes once, and each check holds. */
    whole: async (/** @type {string} */ url) => {
      const { done, broken, wasm } = await look(url);
      assert.deepEqual(broken, []);
      assert.equal(done.length, CHECKS);
      assert.deepEqual(await names(url, wasm), ["evertoken", "evertoken_edge"]);
    },
    /** The page with the adapters: that of Hono verifies, the others need a client alone. */
    app: async (/** @type {string} */ url, module = "evertoken_client") => {
      const { done, broken, wasm } = await look(url);
      assert.deepEqual(broken, []);
      assert.deepEqual(done, ADAPTED);
      assert.deepEqual(await names(url, wasm), [module, "evertoken_edge"]);
    },
    /** The page that has a client alone: nothing else is downloaded. */
    client: async (/** @type {string} */ url, module = "evertoken_client") => {
      const { done, broken, wasm } = await look(url);
      assert.deepEqual(broken, []);
      assert.deepEqual(done, ["ready"]);
      assert.deepEqual(await names(url, wasm), [module]);
    },
  };
};
