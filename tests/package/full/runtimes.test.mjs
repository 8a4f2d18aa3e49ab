// The package in Deno, which asks for permissions, and in Bun.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { user } from "../pack.mjs";
import { bun, deno, lastLine } from "../programs.mjs";
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

test("runs in Deno without a single permission", async () => {
  assert.equal((await lastLine(deno("esm.mjs"), folder)).length, CHECKS);
});

test("runs in Bun", async () => {
  assert.equal((await lastLine(bun("esm.mjs"), folder)).length, CHECKS);
});
