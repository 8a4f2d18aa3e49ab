// Deno KV in real Deno, in a file that the tests throw away.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runInDeno } from "./deno-program.mjs";

const folder = mkdtempSync(join(tmpdir(), "evertoken-deno-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const script = fileURLToPath(new URL("deno.mjs", import.meta.url));
for (const { name, passed, error } of await runInDeno(script, [join(folder, "kv"), import.meta.resolve("jose")])) {
  test(name, () => assert.ok(passed, error));
}
