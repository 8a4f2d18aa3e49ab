// Real workerd with Durable Objects and D1: wrangler's own engine, without the proxy that reloads workers.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Starts tests/stores/workerd/worker.mjs; what it keeps goes with it. */
export const startWorker = async () => {
  const state = mkdtempSync(join(tmpdir(), "evertoken-workerd-"));
  const worker = new Miniflare({
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: await bundle() },
      { type: "CompiledWasm", path: "evertoken_edge_bg.wasm", contents: readFileSync(here("../../pkg/evertoken_edge_bg.wasm")) },
    ],
    compatibilityDate: "2026-04-24",
    durableObjects: { ACCOUNTS: { className: "OpenStore", useSQLite: true } },
    d1Databases: { DB: "evertoken", EMPTY: "empty" },
    kvNamespaces: { KV: "kv" },
    r2Buckets: { BUCKET: "bucket" },
    defaultPersistRoot: state,
    cf: false,
  });
  const url = await worker.ready;
  return {
    /** @param {Record<string, string>} query */
    ask: (query = {}) => asked(`${url}?${new URLSearchParams(query)}`),
    /** @param {string} name */
    d1: (name) => worker.getD1Database(name),
    stop: async () => {
      await worker.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
};

/** Applies the migration, from the file that users apply. */
export const openD1Table = async (worker) => (await worker.d1("DB")).exec(readFileSync(here("../../src/js/stores/d1.sql"), "utf8"));

/**
 * Over a connection of its own: workerd closes idle ones after five seconds, and a request that is just being
 * sent over one is lost with it.
 */
const asked = (url) =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.once("error", reject).once("end", () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    }).once("error", reject);
  });

const bundle = async () => {
  const { outputFiles } = await build({
    entryPoints: [here("workerd/worker.mjs")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:workers"],
    plugins: [{ name: "wasm", setup: (setup) => setup.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./evertoken_edge_bg.wasm", external: true })) }],
  });
  return outputFiles[0].text;
};
