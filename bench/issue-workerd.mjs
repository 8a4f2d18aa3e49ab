// workerd for `npm run bench -- issue`: asked over HTTP, a request a refresh, as its clients do.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { root } from "../scripts/lib/run.mjs";

export async function workerd(material, folder) {
  const state = mkdtempSync(join(folder, "evertoken-bench-"));
  const options = {
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: await bundle() },
      { type: "CompiledWasm", path: "evertoken_edge_bg.wasm", contents: readFileSync(join(root, "pkg/evertoken_edge_bg.wasm")) },
    ],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat", "global_fetch_strictly_public"],
    bindings: { MATERIAL: JSON.stringify(material) },
    durableObjects: { SESSIONS: { className: "EvertokenStore", useSQLite: true } },
    d1Databases: { DB: "sessions" },
    kvNamespaces: { OAUTH_KV: "oauth", OPENAUTH_KV: "openauth" },
    defaultPersistRoot: state,
    cf: false,
  };
  let worker = new Miniflare(options);
  let url = await worker.ready;
  await (await worker.getD1Database("DB")).exec(readFileSync(join(root, "src/js/stores/d1.sql"), "utf8"));

  // Its own connections for each block: workerd closes those that nobody used for five seconds.
  let agent = new Agent();
  const post = (path, name, body) =>
    new Promise((resolve, reject) => {
      const asked = request(`${url.origin}${path}?name=${encodeURIComponent(name)}`, { method: "POST", agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.once("error", reject).once("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${name}: ${text.slice(0, 600)}`))));
      });
      asked.once("error", reject).end(body);
    });

  const { version } = JSON.parse(readFileSync(join(root, "node_modules/workerd/package.json"), "utf8"));
  /** For between many new objects: workerd keeps the database of each open for a while, and not more than some thousands. */
  const renew = async () => {
    agent.destroy();
    await worker.dispose();
    worker = new Miniflare(options);
    url = await worker.ready;
  };
  const contestant = (name) => ({
    name,
    renew: name.endsWith("Durable Objects") ? renew : undefined,
    begin: async () => {
      agent.destroy();
      agent = new Agent({ keepAlive: true, maxSockets: 16 });
    },
    signIn: async (subjects) => JSON.parse(await post("/sign-in", name, JSON.stringify(subjects))),
    refresh: (token) => post("/refresh", name, token),
  });
  return {
    version: `workerd ${version}`,
    all: (await (await fetch(new URL("/names", url))).json()).map(contestant),
    stop: async () => {
      agent.destroy();
      await worker.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "bench/issue-worker.mjs")],
    bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [{ name: "wasm", setup: (setup) => setup.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./evertoken_edge_bg.wasm", external: true })) }],
  });
  return outputFiles[0].text;
}
