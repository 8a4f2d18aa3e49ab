// The way of a stranger: with the README and the packed tarball alone, line by line, from an empty folder to a page and a worker that renew.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../../scripts/lib/run.mjs";
import { openBrowser, openPage } from "../demo/harness.mjs";
import { examples, root } from "./blocks.mjs";
import { lines, startLine } from "./commands.mjs";
import { startRegistry } from "./registry.mjs";

const found = examples("README.md");
const folder = mkdtempSync(join(tmpdir(), "evertoken-stranger-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const statements = (/** @type {string} */ name) => found[name].split("\n").filter((line) => line.trim() !== "");

test("the page is one of 10 lines, and the worker one of 15", () => {
  for (const [name, most] of /** @type {const} */ ([["app.js", 10], ["worker.js", 15]])) {
    assert.ok(statements(name).length <= most, `${name} has ${statements(name).length} lines`);
    assert.deepEqual(statements(name).filter((line) => line.length > 150), [], name);
  }
});

test("from an empty folder to a page that is renewed, reloaded and left", { timeout: 300_000 }, async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  // Nothing of the npm that runs the tests, and nothing that leaves the machine.
  const ours = Object.keys(process.env).filter((name) => /^npm_/i.test(name));
  const env = {
    ...Object.fromEntries(ours.map((name) => [name, undefined])),
    ...{ npm_config_registry: registry.url, npm_config_cache: join(folder, ".npm"), npm_config_ignore_scripts: "true", npm_config_update_notifier: "false" },
  };
  const shell = (/** @type {string} */ line) => run("sh", ["-c", line], { cwd: folder, env, timeout: 120 }).catch(({ message, output }) => assert.fail(`${message}\n${output}`));

  execFileSync("npm", ["pack", root, "--pack-destination", folder], { cwd: folder, stdio: "ignore" });
  for (const line of lines(found["install.sh"])) await shell(line);
  for (const name of ["app.js", "index.html", "users.js", "wrangler.jsonc"]) writeFileSync(join(folder, name), found[name]);
  // As the README says, to see it renew; shorter still, so that nobody waits.
  writeFileSync(join(folder, "worker.js"), found["worker.js"].replace("createIssuer({", "createIssuer({ accessTokenTtl: 6,"));

  const start = lines(found["start.sh"]);
  const dev = start.pop() ?? "";
  for (const line of start) await shell(line);
  assert.ok(/^SIGNING_KEY=\{.*"kty":"EC".*\}\nREFRESH_SECRET=[\w-]{43}\n$/.test(readFileSync(join(folder, ".dev.vars"), "utf8")));
  const worker = await startLine(dev, /Ready on (http:\S+)/, { cwd: folder, env });
  t.after(() => worker.stop());
  const browser = await openBrowser();
  t.after(() => browser.close());

  const { page, renewals, close } = await openPage(browser, worker.said);
  const said = page.locator("output");
  const signIn = async (/** @type {string} */ password) => {
    await page.locator("[name=password]").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  const whoAmI = async () => {
    await page.getByRole("button", { name: "Who am I?" }).click();
    await said.filter({ hasText: "ada" }).waitFor();
  };
  await signIn("wrong");
  await said.filter({ hasText: "wrong name or password" }).waitFor();
  await signIn("secret");
  await said.filter({ hasText: "active" }).waitFor();
  // By itself, and the worker took it: the API knows who asks.
  await page.waitForFunction(() => /active, generation [3-9]/.test(document.querySelector("output")?.textContent ?? ""), undefined, { timeout: 60_000 });
  assert.ok(renewals.length >= 2);
  await whoAmI();

  await page.reload();
  await whoAmI();
  await page.getByRole("button", { name: "Sign out" }).click();
  await said.filter({ hasText: "signedOut" }).waitFor();
  assert.equal((await page.request.get(new URL("/api/profile", worker.said).href)).status(), 401);
  await close();
});
