// The way of a stranger: with the README and the packed tarball alone, from an empty folder to a page and a worker that renew.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { packageTools } from "../../../scripts/setup.mjs";
import { serve } from "../../../www/scripts/serve.mjs";
import { openBrowser, openPage } from "../../demo/harness.mjs";
import { examples, root } from "../blocks.mjs";

const folder = mkdtempSync(join(tmpdir(), "evertoken-stranger-"));
const write = (name, text) => writeFileSync(join(folder, name), text);
const shell = (line) => execFileSync("sh", ["-c", line], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const lines = (text) => text.trim().split("\n");
after(() => rmSync(folder, { recursive: true, force: true }));

/** Tools that are here already need not be fetched: the stranger's `npm install` of them is these links. */
function installTools() {
  for (const name of ["vite", "wrangler"]) {
    const from = [packageTools(), root].map((at) => join(at, "node_modules", name)).find((path) => existsSync(path));
    assert.ok(from, `${name} is not installed`);
    symlinkSync(from, join(folder, "node_modules", name));
  }
}

test("from an empty folder to a page that is renewed", { timeout: 240_000 }, async (t) => {
  const found = examples("README.md");
  execFileSync("npm", ["pack", root, "--pack-destination", folder], { cwd: folder, stdio: "ignore" });

  const install = lines(found["install.sh"]);
  assert.match(install.pop() ?? "", /^npm install --save-dev vite wrangler\b/);
  for (const line of install) shell(line.replace(/^npm install /, "npm install --offline --no-audit --no-fund "));
  installTools();
  for (const [name, text] of Object.entries(found)) if (!name.endsWith(".sh")) write(name, text);
  // As the README says, to see it renew; shorter still, so that nobody waits.
  write("worker.js", found["worker.js"].replace("createIssuer({", "createIssuer({ accessTokenTtl: 6,"));

  const [key, secret, build, dev] = lines(found["start.sh"]);
  shell(key);
  shell(secret);
  assert.ok(/^SIGNING_KEY=\{.*"kty":"EC".*\}\nREFRESH_SECRET=[\w-]{43}\n$/.test(readFileSync(join(folder, ".dev.vars"), "utf8")));
  assert.equal(build, "npx vite build");
  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build"], { cwd: folder, stdio: "pipe" });
  assert.equal(dev, "npx wrangler dev");
  const worker = await serve({ port: 0, state: join(folder, "state"), config: join(folder, "wrangler.jsonc") });
  const browser = await openBrowser();
  t.after(() => Promise.all([browser.close(), worker.stop()]));

  const { page, renewals, close } = await openPage(browser, worker.url);
  const said = page.locator("output");
  const signIn = async (password) => {
    await page.locator("[name=password]").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn("wrong");
  await said.filter({ hasText: "wrong name or password" }).waitFor();
  await signIn("secret");
  await said.filter({ hasText: "active" }).waitFor();
  // By itself, and the worker took it: the API knows who asks.
  await page.waitForFunction(() => /active, generation [3-9]/.test(document.querySelector("output")?.textContent ?? ""), undefined, { timeout: 60_000 });
  assert.ok(renewals.length >= 2);
  await page.getByRole("button", { name: "Who am I?" }).click();
  await said.filter({ hasText: "ada" }).waitFor();
  await close();
});
