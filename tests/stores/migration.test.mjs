// The migration of D1, applied by wrangler as the docs tell a user to.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../scripts/lib/run.mjs";

const wrangler = join(createRequire(import.meta.url).resolve("wrangler/package.json"), "../bin/wrangler.js");
const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "1" };

test("wrangler applies it, also twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-migration-"));
  try {
    writeFileSync(join(folder, "wrangler.json"), JSON.stringify({ name: "any", d1_databases: [{ binding: "DB", database_name: "my-database", database_id: "any" }] }));
    const execute = (...args) => run(process.execPath, [wrangler, "d1", "execute", "my-database", "--local", ...args], { cwd: folder, env: quiet, timeout: 60 });
    const file = fileURLToPath(new URL("../../src/js/stores/d1.sql", import.meta.url));
    await execute("--file", file);
    await execute("--file", file);
    const said = await execute("--json", "--command", "SELECT name FROM sqlite_master WHERE name LIKE 'evertoken%' ORDER BY name");
    const [{ results }] = JSON.parse(said.slice(said.indexOf("[")));
    assert.deepEqual(results.map(({ name }) => name), ["evertoken_records", "evertoken_records_by_end"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
