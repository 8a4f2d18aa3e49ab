// The demo as a new user has it: `npm start`, a token that lives for 30 seconds, three renewals watched.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { freePort } from "../../../scripts/lib/port.mjs";
import { root } from "../../../scripts/lib/run.mjs";
import { startLine } from "../../readme/commands.mjs";
import { callApi, generation, logged, openBrowser, openPage, shownGeneration, signIn } from "../harness.mjs";

let demo;
let browser;

before(async () => {
  // Where nothing was built yet, that takes minutes.
  demo = await startLine("npm start", /^ready (\S+)$/, { cwd: root, env: { PORT: String(await freePort()) }, patience: 900_000 });
  browser = await openBrowser();
});

after(() => Promise.all([browser?.close(), demo?.stop()]));

test("three renewals of 30 seconds, a reload, and the server refusing after the sign-out", async () => {
  const { page, renewals, close } = await openPage(browser, demo.said);
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
