// Durable Objects and D1 in real workerd, through wrangler.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { wrangler } from "./wrangler.mjs";
import { serve } from "../../www/scripts/serve.mjs";

const state = mkdtempSync(join(tmpdir(), "evertoken-stores-"));
const config = fileURLToPath(new URL("workerd/wrangler.jsonc", import.meta.url));
// As the docs tell a user to.
const migration = fileURLToPath(new URL("../../src/js/stores/d1.sql", import.meta.url));
await wrangler("d1", "execute", "evertoken", "--local", "--config", config, "--persist-to", state, "--file", migration);
const worker = await serve({ port: 0, state, config });
after(async () => {
  await worker.stop();
  rmSync(state, { recursive: true, force: true });
});

const ask = async (query) => (await fetch(new URL(query, worker.url))).json();
// The worker knows the names, so that no test can be forgotten here.
const [contracts, issuers] = await ask("/");

const run = (name) => async () => {
  const { passed, error } = await ask(`/?test=${encodeURIComponent(name)}`);
  assert.ok(passed, error);
};
describe("the contract in workerd", { concurrency: 8 }, () => contracts.forEach((name) => it(name, run(name))));
describe("the issuer in workerd", () => issuers.forEach((name) => it(name, run(name))));
