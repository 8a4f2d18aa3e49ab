// The demo as a new user has it: `npm start`, a token that lives for 30 seconds, three renewals watched.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../scripts/lib/port.mjs";
import { callApi, generation, logged, openBrowser, openPage, shownGeneration, signIn } from "../harness.mjs";

let start;
let url;
let browser;

before(async () => {
  const port = await freePort();
  start = spawn(process.execPath, [fileURLToPath(new URL("../../../scripts/start.mjs", import.meta.url))], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: start.stdout })) {
    if (line === `ready http://127.0.0.1:${port}/`) {
      url = line.slice("ready ".length);
      break;
    }
  }
  assert.ok(url, "npm start says where it is ready");
  start.stdout.resume();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  if (!start || start.exitCode !== null) return;
  const gone = new Promise((resolve) => start.once("exit", resolve));
  start.kill("SIGTERM");
  await gone;
});

test("three renewals of 30 seconds, a reload, and the server refusing after the sign-out", async () => {
  const { page, renewals, close } = await openPage(browser, url);
  await signIn(page);
  await generation(page, 4, 100_000);
  assert.equal(renewals.length, (await shownGeneration(page)) - 1);
  assert.equal((await logged(page, "refreshed")).length, 3);
  assert.deepEqual(await logged(page, "refreshDeferred"), []);

  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  assert.equal((await callApi(page)).status(), 200);
  await page.getByRole("button", { name: "Sign out" }).click();
  assert.equal((await callApi(page, "Call it with the old token")).status(), 401);
  await close();
});
