// What a page downloads, weighed: the JavaScript that a bundler makes of what it imports, with the wasm that this loads.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { root } from "./run.mjs";

/** @typedef {{ raw: number, gzip: number, brotli: number }} Weight  in bytes */
/** @typedef {{ title: string, from: string, names: string[], wasm?: string, budget?: number }} Page  `budget` in KB of brotli, for all that it downloads */

const browser = "src/js/browser.js";

/** A page that has a client alone, one that has all of `evertoken`, and `evertoken/edge`. @type {[Page, Page, Page]} */
export const entries = [
  { title: "evertoken: createClient", from: browser, names: ["createClient"], wasm: "evertoken_client", budget: 45 },
  { title: "evertoken: all of it", from: browser, names: ["createClient", "createVerifier", "decode"], wasm: "evertoken" },
  { title: "evertoken/edge", from: "src/js/edge/browser.js", names: ["*"], wasm: "evertoken_edge", budget: 230 },
];

/** Parts of it, and what is thin or no adapter. @type {Page[]} */
export const parts = [
  { title: "evertoken: createVerifier", from: browser, names: ["createVerifier"], wasm: "evertoken" },
  { title: "evertoken: decode", from: browser, names: ["decode"], wasm: "evertoken" },
  ...readdirSync(join(root, "src/js/adapters")).map((file) => ({ title: `evertoken/${file.replace(".js", "")}`, from: `src/js/adapters/${file}`, names: ["*"], budget: 2 })),
];

/** @param {Page} page */
export async function weighed(page) {
  const script = weigh(await bundled(page));
  const wasm = page.wasm ? weigh(readFileSync(join(root, `pkg/${page.wasm}_bg.wasm`))) : { raw: 0, gzip: 0, brotli: 0 };
  const both = { raw: script.raw + wasm.raw, gzip: script.gzip + wasm.gzip, brotli: script.brotli + wasm.brotli };
  return { script, wasm, both };
}

/** @param {Uint8Array} bytes @returns {Weight} */
export const weigh = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
});

/**
 * Minified, without the wasm, without what is fetched only when it is needed, and without the packages that are the
 * application's own.
 * @param {Page} page
 */
export async function bundled({ from, names }) {
  const { build } = await import("esbuild");
  const wanted = names.includes("*") ? "*" : `{ ${names.join(", ")} }`;
  const later = {
    name: "later",
    setup: (/** @type {import("esbuild").PluginBuild} */ plugin) =>
      plugin.onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" || /^[a-z@]/.test(path) ? { path, external: true } : undefined)),
  };
  const { outputFiles } = await build({
    stdin: { contents: `export ${wanted} from "./${from}";`, resolveDir: root },
    bundle: true, minify: true, write: false, format: "esm", target: "es2022", plugins: [later],
  });
  return /** @type {{ contents: Uint8Array }} */ (outputFiles[0]).contents;
}
