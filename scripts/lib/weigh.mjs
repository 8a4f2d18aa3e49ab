// What a page loads, weighed: a module with the JavaScript that comes with it, as a bundler ships both.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { root } from "./run.mjs";

/** @typedef {{ raw: number, gzip: number, brotli: number }} Weight  in bytes */

/** @param {Uint8Array} bytes @returns {Weight} */
export const weigh = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
});

/** @param {Weight[]} weights @returns {Weight} */
export const together = (weights) =>
  weights.reduce((sum, one) => ({ raw: sum.raw + one.raw, gzip: sum.gzip + one.gzip, brotli: sum.brotli + one.brotli }));

/** What is published, and what a page writes to get it. */
export const entries = [
  { module: "evertoken_client", source: 'export { createClient } from "./src/js/browser.js"' },
  { module: "evertoken", source: 'export { createClient, createVerifier, decode } from "./src/js/browser.js"' },
  { module: "evertoken_edge", source: 'export * from "./src/js/edge/browser.js"' },
];

/** Minified, with the glue, and without what is imported later, if at all. @param {string} source */
export async function bundled(source) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    ...{ stdin: { contents: source, resolveDir: root, sourcefile: "page.js" }, bundle: true, minify: true, write: false, format: "esm", target: "es2022" },
    ...{ external: ["node:*", "evertoken/*", "hono", "hono/*", "react"], splitting: true, outdir: root, absWorkingDir: root, metafile: true },
  });
  const needed = new Set(Object.keys(metafile.outputs).filter((name) => metafile.outputs[name].entryPoint === "page.js"));
  for (const name of needed) {
    for (const { path, kind, external } of metafile.outputs[name].imports) if (kind === "import-statement" && !external) needed.add(path);
  }
  return outputFiles.filter(({ path }) => [...needed].some((name) => path === join(root, name))).map(({ contents }) => weigh(contents));
}

export const wasm = (/** @type {string} */ module) => weigh(readFileSync(join(root, `pkg/${module}_bg.wasm`)));

/** Everything that comes with an entry. @param {{ module: string, source: string }} entry */
export const whole = async ({ module, source }) => together([wasm(module), ...(await bundled(source))]);
