// The issuer's suite and the store contract, in real workerd on Durable Objects, through wrangler.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../www/scripts/serve.mjs";

const state = mkdtempSync(join(tmpdir(), "evertoken-workerd-"));
const worker = await serve({ port: 0, state, config: fileURLToPath(new URL("wrangler.jsonc", import.meta.url)) });
after(async () => {
  await worker.stop();
  rmSync(state, { recursive: true, force: true });
});

const ask = async (query = "") => (await fetch(new URL(query, worker.url))).json();

// The worker knows the names, so that no test can be forgotten here.
for (const name of await ask()) {
  test(name, async () => {
    const { passed, error } = await ask(`/?test=${encodeURIComponent(name)}`);
    assert.ok(passed, error);
  });
}
