// The package in Deno, which asks for permissions, and in Bun.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../../../scripts/lib/run.mjs";
import { packageTools } from "../../../scripts/setup.mjs";
import { user } from "../pack.mjs";
import { CHECKS } from "../smoke.mjs";

const { folder, write, remove } = user();
after(remove);
copyFileSync(new URL("../smoke.mjs", import.meta.url), join(folder, "smoke.mjs"));
write("esm.mjs", `
  import * as main from "evertoken";
  import * as edge from "evertoken/edge";
  import { memoryStore } from "evertoken/stores/memory";
  import { smoke } from "./smoke.mjs";
  console.log(JSON.stringify(await smoke({ main, edge, memoryStore })));
`);

/** The last line that a program prints is what it checked. */
const checked = async (program, ...args) => {
  const output = await run(program, args, { cwd: folder, env: { DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" }, timeout: 60 });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "").length;
};

test("runs in Deno without a single permission", async () => {
  const deno = createRequire(createRequire(import.meta.url).resolve("deno/package.json")).resolve(`@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}/package.json`);
  assert.equal(await checked(join(deno, "../deno"), "run", "--no-prompt", "--node-modules-dir=manual", "esm.mjs"), CHECKS);
});

test("runs in Bun", async () => {
  assert.equal(await checked(join(packageTools(), `node_modules/@oven/bun-${process.platform}-${process.arch}/bin/bun`), "run", "esm.mjs"), CHECKS);
});
