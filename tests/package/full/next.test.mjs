// The package in a Next.js app: one route in Node, one in the edge runtime, and a page with a client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../../../scripts/lib/run.mjs";
import { packageTools } from "../../../scripts/setup.mjs";
import { open } from "../../browsers/webdriver.mjs";
import { ADAPTED } from "../adapters.mjs";
import { user } from "../pack.mjs";
import { CHECKS } from "../smoke.mjs";

const { folder, remove } = user(packageTools());
after(remove);
cpSync(new URL("../fixtures/next/", import.meta.url), folder, { recursive: true });
for (const name of ["adapters.mjs", "smoke.mjs"]) cpSync(new URL(`../${name}`, import.meta.url), join(folder, name));
const next = createRequire(join(folder, "package.json")).resolve("next/dist/bin/next");
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

test("Next.js serves a node route, an edge route and a page", async () => {
  await run(process.execPath, [next, "build", "--turbopack"], { cwd: folder, env, timeout: 300 });
  const server = spawn(process.execPath, [next, "start", "--port", "0", "--hostname", "127.0.0.1"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((end) => server.once("exit", end));
  try {
    const url = await new Promise((found, never) => {
      let said = "";
      server.stdout.on("data", (data) => {
        const [at] = /http:\/\/127\.0\.0\.1:\d+/.exec((said += data)) ?? [];
        if (at) found(at);
      });
      ended.then(() => never(new Error(`next start ended:\n${said}`)));
    });
    for (const route of ["node", "edge"]) {
      const response = await fetch(`${url}/${route}`);
      const text = await response.text();
      assert.equal(response.status, 200, `${route}: ${text}`);
      assert.equal(JSON.parse(text).length, CHECKS + ADAPTED.filter((name) => name !== "react").length);
    }
    assert.match(await (await fetch(url)).text(), /loading/);
    const chromium = await open("Chromium");
    try {
      await chromium.visit(url);
      const status = await chromium.run(async () => {
        const shown = () => document.getElementById("status")?.textContent;
        for (let tries = 0; tries < 100 && shown() === "loading"; tries++) await new Promise((later) => setTimeout(later, 100));
        return shown();
      });
      assert.equal(status, "signedOut");
    } finally {
      await chromium.close();
    }
  } finally {
    server.kill();
    await ended;
  }
});
