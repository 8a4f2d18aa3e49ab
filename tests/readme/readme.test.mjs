// The README's examples, taken out of it as they stand: its page against its worker, in Chromium and workerd.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { copyAssets } from "../../www/scripts/assets.mjs";
import { ensureSecrets } from "../../www/scripts/secrets.mjs";
import { serve } from "../../www/scripts/serve.mjs";
import { openBrowser, openPage } from "../demo/harness.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "evertoken-readme-"));
const write = (name, text) => writeFileSync(join(folder, name), text);

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
  const examples = readExamples();
  assert.deepEqual(Object.keys(examples), ["app.js", "worker.js"]);

  // What the README leaves to its reader.
  write("worker.js", examples["worker.js"]);
  write("users.js", 'export const checkPassword = async ({ username, password }) => (password === "secret" ? username : undefined);\n');
  write("wrangler.jsonc", readFileSync(join(root, "www/wrangler.jsonc"), "utf8").replace("worker/index.js", "worker.js"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/evertoken"));
  copyAssets(join(folder, "dist"));
  write("dist/app.js", examples["app.js"]);
  write("dist/_headers", "");
  write("dist/index.html", index);
  ensureSecrets(join(folder, ".dev.vars"));

  worker = await serve({ port: 0, state: join(folder, "state"), config: join(folder, "wrangler.jsonc") });
  browser = await openBrowser();
});

after(async () => {
  await Promise.all([browser?.close(), worker?.stop()]);
  rmSync(folder, { recursive: true, force: true });
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

/** Code blocks that a comment before them names. @returns {Record<string, string>} */
function readExamples() {
  const text = readFileSync(join(root, "README.md"), "utf8");
  return Object.fromEntries([...text.matchAll(/<!-- run by tests\/readme: (\S+) -->\n```js\n(.*?)```/gs)].map(([, name, code]) => [name, code]));
}
