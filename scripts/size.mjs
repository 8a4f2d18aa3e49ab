// Prints what each entry weighs, raw, gzip and brotli: the wasm, its glue, and what a bundler makes of the entry.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { Failed, root } from "./lib/run.mjs";
import { explain } from "./lib/step.mjs";
import { build, modules } from "./build.mjs";
import { setUpDemo } from "./setup.mjs";

/** What an adapter may weigh in brotli: it is thin, or it is no adapter. */
const adapterBudget = 2048;

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`.padStart(10);

function row(name, bytes) {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  console.log(name.padEnd(36), kilobytes(bytes.length), kilobytes(gzipSync(bytes, { level: 9 }).length), kilobytes(brotli.length));
  return brotli.length;
}

/** The entry as a bundler ships it: minified, with its glue, without the wasm. */
async function bundled(entry) {
  const { build: bundle } = await import("esbuild");
  const { outputFiles } = await bundle({
    entryPoints: [join(root, entry)],
    bundle: true, minify: true, write: false, format: "esm", target: "es2022", external: ["node:*", "evertoken/*", "hono", "hono/*", "react"],
  });
  return outputFiles[0].contents;
}

try {
  await setUpDemo();
  await build();
  console.log(`\n${"".padEnd(36)} ${"raw".padStart(10)} ${"gzip".padStart(10)} ${"brotli".padStart(10)}`);
  for (const { name } of modules) {
    const entry = name === "evertoken" ? "src/js/browser.js" : "src/js/edge/browser.js";
    const wasm = row(`pkg/${name}_bg.wasm`, readFileSync(join(root, `pkg/${name}_bg.wasm`)));
    row(`pkg/${name}.js`, readFileSync(join(root, `pkg/${name}.js`)));
    const js = row(`${entry}, bundled`, await bundled(entry));
    console.log(`${`${name}: wasm and bundle`.padEnd(58)} ${kilobytes(wasm + js)}\n`);
  }
  for (const file of readdirSync(join(root, "src/js/adapters"))) {
    const adapter = row(`src/js/adapters/${file}, bundled`, await bundled(`src/js/adapters/${file}`));
    if (adapter > adapterBudget) throw new Failed(`an adapter weighs ${adapter} bytes in brotli, and may weigh ${adapterBudget}`, "");
  }
} catch (error) {
  explain(error);
  process.exit(1);
}
