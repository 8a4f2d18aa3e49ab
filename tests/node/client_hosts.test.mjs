// The client where no page is: at import, in Node and in a worker thread (C34).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import * as evertoken from "../../src/js/node.js";
import { testHosts } from "../suites/hosts.mjs";

testHosts({ test, evertoken });

const entry = new URL("../../src/js/node.js", import.meta.url).href;

test("C34. importing looks at no page, and leaves no timer behind", async () => {
  const program = `
    for (const name of ["window", "document", "localStorage"]) {
      Object.defineProperty(globalThis, name, { configurable: true, get: () => { throw new Error(name + " was looked at"); } });
    }
    const { createClient } = await import(${JSON.stringify(entry)});
    if (process.getActiveResourcesInfo().includes("Timeout")) throw new Error("import left a timer behind");
    for (const name of ["window", "document", "localStorage"]) delete globalThis[name];
    const client = createClient({ tokenEndpoint: "https://auth.example/token", storage: "memory" });
    await client.setTokens({ access_token: "a", refresh_token: "r", expires_in: 3600 });
    console.log(await client.getAccessToken());
  `;
  // It ends by itself, although a renewal is due in an hour.
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 30_000 });
  assert.equal(stdout, "a\n");
});

test("C34. a client works in a worker", async () => {
  const program = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(entry)}).then(async ({ createClient }) => {
      const client = createClient({ refresh: async () => ({ access_token: "b", expires_in: 300 }), storage: "memory" });
      await client.setTokens({ access_token: "a", expires_in: 300 });
      parentPort.postMessage([await client.getAccessToken(), await client.getAccessToken({ forceRefresh: true })]);
      client.dispose();
    });
  `;
  const worker = new Worker(program, { eval: true });
  assert.deepEqual(await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)), ["a", "b"]);
  await worker.terminate();
});

for (const host of ["this host", "a host without toWellFormed"]) {
  test(`what others stored beside it may hold half of a character, on ${host}`, async () => {
    const { toWellFormed } = /** @type {any} */ (String.prototype);
    if (host !== "this host") delete (/** @type {any} */ (String.prototype).toWellFormed);
    try {
      const get = () => JSON.stringify([["evertoken:other", "\ud800"]]);
      const client = evertoken.createClient({ storage: { get, set: () => {}, remove: () => {} }, tokenEndpoint: "https://auth.example/token" });
      await client.ready;
      assert.equal(await client.getAccessToken(), null);
      client.dispose();
    } finally {
      Object.defineProperty(String.prototype, "toWellFormed", { configurable: true, writable: true, value: toWellFormed });
    }
  });
}
