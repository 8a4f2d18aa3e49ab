// The verifier's suites in real workerd, through wrangler.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../www/scripts/serve.mjs";

const state = mkdtempSync(join(tmpdir(), "evertoken-workerd-verifier-"));
const worker = await serve({ port: 0, state, config: fileURLToPath(new URL("verifier.jsonc", import.meta.url)) });
after(async () => {
  await worker.stop();
  rmSync(state, { recursive: true, force: true });
});

const ask = async (query = "") => (await fetch(new URL(query, worker.url))).json();

// The worker knows the names, so that no test can be forgotten here.
const names = await ask();
test("both entries have tests", () => assert.ok(["main: ", "edge: "].every((entry) => names.some((name) => name.startsWith(entry)))));
for (const name of names) {
  test(name, async () => {
    const { passed, error } = await ask(`/?test=${encodeURIComponent(name)}`);
    assert.ok(passed, error);
  });
}
