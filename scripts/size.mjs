// Prints what each entry weighs, raw, gzip and brotli: the wasm, the JavaScript that a bundler makes of it, and both.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Failed, root } from "./lib/run.mjs";
import { explain } from "./lib/step.mjs";
import { bundled, entries, together, wasm } from "./lib/weigh.mjs";
import { build } from "./build.mjs";
import { setUpDemo } from "./setup.mjs";

/** What an adapter may weigh in brotli: it is thin, or it is no adapter. */
const adapterBudget = 2048;

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`.padStart(10);
const row = (name, { raw, gzip, brotli }) => console.log(name.padEnd(28), kilobytes(raw), kilobytes(gzip), kilobytes(brotli));

try {
  await setUpDemo();
  await build();
  console.log(`\n${"".padEnd(28)} ${"raw".padStart(10)} ${"gzip".padStart(10)} ${"brotli".padStart(10)}`);
  for (const { module, source } of entries) {
    const script = together(await bundled(source));
    row(`${module}_bg.wasm`, wasm(module));
    row("its JavaScript, bundled", script);
    row("together", together([wasm(module), script]));
    console.log();
  }
  for (const file of readdirSync(join(root, "src/js/adapters"))) {
    const adapter = together(await bundled(`export * from "./src/js/adapters/${file}"`));
    row(`adapters/${file}, bundled`, adapter);
    if (adapter.brotli > adapterBudget) throw new Failed(`an adapter weighs ${adapter.brotli} bytes in brotli, and may weigh ${adapterBudget}`, "");
  }
} catch (error) {
  explain(error);
  process.exit(1);
}
