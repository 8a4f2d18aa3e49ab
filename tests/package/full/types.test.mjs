// What TypeScript finds when it resolves the tarball as Node and as bundlers do.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { root, run } from "../../../scripts/lib/run.mjs";
import { packageTools } from "../../../scripts/setup.mjs";
import { tarball } from "../pack.mjs";

test("attw finds nothing wrong with any entry that has types", async () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const untyped = Object.keys(exports).filter((entry) => typeof exports[entry] === "string" && entry !== "./package.json");
  const attw = createRequire(join(packageTools(), "package.json")).resolve("@arethetypeswrong/cli/package.json");
  await run(process.execPath, [join(attw, "../dist/index.js"), tarball(), "--profile", "esm-only", "--no-emoji", "--exclude-entrypoints", ...untyped], { timeout: 60 });
});
