// Chromium: the files as they are, on a page of this machine, where crypto.subtle is allowed.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium as browsers } from "playwright-core";
import { root } from "../scripts/lib/run.mjs";

const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

const page = `<!doctype html><script type="importmap">${JSON.stringify({
  imports: { evertoken: "/src/js/browser.js", "evertoken/edge": "/src/js/edge/browser.js", jose: "/bench/node_modules/jose/dist/webapi/index.js" },
})}</script><script type="module">
import * as main from "evertoken";
import * as edge from "evertoken/edge";
import * as jose from "jose";
import { contestants } from "/bench/contestants.mjs";
let all;
globalThis.prepare = async (material) => {
  await Promise.all([main.init(), edge.init()]);
  all = await contestants(material, { edge, main, jose });
  return all.map(({ group, name, aside }) => ({ group, name, aside }));
};
globalThis.ask = async ([index, n]) => {
  const since = performance.now();
  await all[index].run(n);
  return performance.now() - since;
};
</script>`;

/** @param {import("./material.mjs").Material} material */
export async function chromium(material) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = normalize(url.split("?")[0]);
    if (path === "/") return response.setHeader("content-type", "text/html").end(page);
    const body = await readFile(join(root, path)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { "content-type": types[extname(path)] ?? "text/plain" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const browser = await browsers.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--headless", "--disable-gpu"] });
  const tab = await browser.newPage();
  tab.on("pageerror", (error) => console.error(error));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction("globalThis.prepare");
  const all = await tab.evaluate((given) => globalThis.prepare(given), material);
  return {
    version: `Chromium ${browser.version()}`,
    all,
    ask: (index, n) => tab.evaluate((which) => globalThis.ask(which), [index, n]),
    async stop() {
      await browser.close();
      server.close();
    },
  };
}
