// The README's examples, taken out of it as they stand: its page against its worker, in Chromium and workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { copyAssets } from "../../www/scripts/assets.mjs";
import { ensureSecrets } from "../../www/scripts/secrets.mjs";
import { serve } from "../../www/scripts/serve.mjs";
import { openBrowser, openPage } from "../demo/harness.mjs";
import { examples, read, readersFolder } from "./blocks.mjs";

const { path, write, remove } = readersFolder();

// The import map stands for the reader's bundler.
const index = `<!doctype html>
<title>README</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "evertoken": "/evertoken/src/js/browser.js" } }</script>
<script type="module">globalThis.app = await import("/app.js");</script>
`;

let worker;
let browser;

before(async () => {
  const found = examples("README.md");
  assert.deepEqual(Object.keys(found), ["install.sh", "app.js", "index.html", "worker.js", "users.js", "wrangler.jsonc", "start.sh"]);

  write("worker.js", found["worker.js"]);
  write("users.js", found["users.js"]);
  write("wrangler.jsonc", found["wrangler.jsonc"]);
  copyAssets(path("dist"));
  write("dist/app.js", found["app.js"]);
  write("dist/_headers", "");
  write("dist/index.html", index);
  ensureSecrets(path(".dev.vars"));

  worker = await serve({ port: 0, state: path("state"), config: path("wrangler.jsonc") });
  browser = await openBrowser();
});

after(async () => {
  await Promise.all([browser?.close(), worker?.stop()]);
  remove();
});

test("the page's example signs in, calls the worker's example, reloads and signs out", async () => {
  const { page, close } = await openPage(browser, worker.url);
  const inPage = async (name, ...args) => {
    await page.waitForFunction(() => "app" in globalThis);
    return page.evaluate(([name, args]) => globalThis.app[name](...args), [name, args]);
  };

  await assert.rejects(inPage("signIn", "ada", "wrong"), /wrong name or password/);
  await inPage("signIn", "ada", "secret");
  assert.deepEqual(await inPage("profile"), { subject: "ada" });

  await page.reload();
  assert.deepEqual(await inPage("profile"), { subject: "ada" });

  await inPage("signOut");
  const refused = page.waitForResponse((response) => response.url().endsWith("/api/profile"));
  await assert.rejects(inPage("profile"));
  assert.equal((await refused).status(), 401);
  await close();
});
