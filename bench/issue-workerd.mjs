// workerd for `npm run bench -- issue`: asked over HTTP, a request a refresh, as its clients do.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { root } from "../scripts/lib/run.mjs";

/** Peers are measured where there are few sessions: signing in takes them four requests each. */
const FEW = 1000;

export async function workerd(material, sizes, folder) {
  const state = mkdtempSync(join(folder, "evertoken-bench-"));
  const each = (binding, of) => Object.fromEntries(sizes.map((sessions) => [`${binding}_${sessions}`, of(sessions)]));
  const options = {
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: await bundle(sizes) },
      { type: "CompiledWasm", path: "evertoken_edge_bg.wasm", contents: readFileSync(join(root, "pkg/evertoken_edge_bg.wasm")) },
    ],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat", "global_fetch_strictly_public"],
    bindings: { MATERIAL: JSON.stringify(material) },
    durableObjects: each("SESSIONS", (sessions) => ({ className: `Sessions${sessions}`, useSQLite: true })),
    d1Databases: each("DB", (sessions) => `sessions-${sessions}`),
    kvNamespaces: { ...each("OAUTH_KV", (sessions) => `oauth-${sessions}`), ...each("OPENAUTH_KV", (sessions) => `openauth-${sessions}`) },
    defaultPersistRoot: state,
    cf: false,
  };
  let worker = new Miniflare(options);
  let url = await worker.ready;
  const tables = readFileSync(join(root, "src/js/stores/d1.sql"), "utf8");
  for (const sessions of sizes) await (await worker.getD1Database(`DB_${sessions}`)).exec(tables);

  // Its own connections for each block: workerd closes those that nobody used for five seconds.
  let agent = new Agent();
  const post = (path, { name, sessions }, body) =>
    new Promise((resolve, reject) => {
      const asked = request(`${url.origin}${path}?name=${encodeURIComponent(name)}&sessions=${sessions}`, { method: "POST", agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.once("error", reject).once("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${name}: ${text.slice(0, 600)}`))));
      });
      asked.once("error", reject).end(body);
    });

  const { version } = JSON.parse(readFileSync(join(root, "node_modules/workerd/package.json"), "utf8"));
  /** For between many new objects: workerd keeps the database of each open for a while, and not more than two thousand. */
  const renew = async () => {
    agent.destroy();
    await worker.dispose();
    worker = new Miniflare(options);
    url = await worker.ready;
  };
  const contestant = (name, sessions) => {
    const one = { name, sessions };
    return {
      ...one,
      pause: name.endsWith("Durable Objects") ? renew : undefined,
      begin: async () => {
        agent.destroy();
        agent = new Agent({ keepAlive: true, maxSockets: 16 });
      },
      signIn: async (subjects) => JSON.parse(await post("/sign-in", one, JSON.stringify(subjects))),
      refresh: (token) => post("/refresh", one, token),
    };
  };
  /** @type {string[]} */
  const names = await (await fetch(new URL("/names", url))).json();
  return {
    version: `workerd ${version}`,
    all: names.flatMap((name) => sizes.filter((sessions) => name.startsWith("evertoken") || sessions <= FEW).map((sessions) => contestant(name, sessions))),
    stop: async () => {
      agent.destroy();
      await worker.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function bundle(sizes) {
  // A namespace holds the objects of one class.
  const classes = sizes.map((sessions) => `export class Sessions${sessions} extends EvertokenStore {}`);
  const contents = `import { EvertokenStore } from "../src/js/stores/durable-object.js";\nexport { default } from "./issue-worker.mjs";\n${classes.join("\n")}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, "bench") },
    bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [{ name: "wasm", setup: (setup) => setup.onResolve({ filter: /\.wasm$/ }, () => ({ path: "./evertoken_edge_bg.wasm", external: true })) }],
  });
  return outputFiles[0].text;
}
