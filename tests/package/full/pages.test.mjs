// A plain page without any bundler, under the strictest policy, in every browser engine.

import { createHash } from "node:crypto";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { user } from "../pack.mjs";
import { looker, POLICY, site } from "../pages.mjs";

const { folder, installed, write, remove } = user();
after(remove);
for (const name of ["adapters", "page"]) cpSync(new URL(`../fixtures/${name}/`, import.meta.url), folder, { recursive: true });
cpSync(new URL("../smoke.mjs", import.meta.url), join(folder, "smoke.mjs"));

// What a bundler would have found in package.json, said by the page itself.
const map = JSON.stringify({ imports: {
  evertoken: "./node_modules/evertoken/src/js/browser.js",
  "evertoken/edge": "./node_modules/evertoken/src/js/edge/browser.js",
  "evertoken/stores/memory": "./node_modules/evertoken/src/js/stores/memory.js",
} });
for (const name of ["page", "client"]) {
  write(`${name}.html`, `<!doctype html><meta charset="utf-8"><script type="importmap">${map}</script><script type="module" src="./${name}.mjs"></script>`);
}
const inline = `'sha256-${createHash("sha256").update(map).digest("base64")}'`;
const served = await site(folder, POLICY.replace("'self'", `'self' ${inline}`));
after(() => served.close());

for (const name of /** @type {const} */ (["Chromium", "Firefox", "WebKitGTK"])) {
  test(`a plain page in ${name}`, async () => {
    const browser = await looker(name, installed);
    try {
      await browser.whole(`${served.url}page.html`);
      await browser.client(`${served.url}client.html`);
    } finally {
      await browser.close();
    }
  });
}
