// workerd: one bundle, asked from outside in batches; what an empty batch takes is subtracted.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { root } from "../scripts/lib/run.mjs";
import { median } from "./measure.mjs";

/** @param {import("./material.mjs").Material} material */
export async function workerd(material) {
  const worker = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: await bundle() }, ...["evertoken", "evertoken_edge"].map(wasm)],
    compatibilityDate: "2026-04-01",
  });
  const url = await worker.ready;
  const all = await (await fetch(url, { method: "PUT", body: JSON.stringify(material) })).json();
  const timed = async (index, n) => {
    const since = performance.now();
    const response = await fetch(`${url}?index=${index}&n=${n}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${all[index].group}, ${all[index].name}: the worker answered ${response.status}`);
    return performance.now() - since;
  };
  for (let i = 0; i < 50; i++) await timed(0, 0);
  const empty = [];
  for (let i = 0; i < 51; i++) empty.push(await timed(0, 0));
  const idle = median(empty);
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/workerd/package.json"), "utf8"));
  return {
    version: `workerd ${version}`,
    all,
    ask: async (index, n) => Math.max(0, (await timed(index, n)) - idle),
    stop: () => worker.dispose(),
  };
}

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "bench/worker.mjs")],
    bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
    plugins: [{
      name: "wasm beside the bundle",
      setup: (setup) => setup.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${path.split("/").at(-1)}`, external: true })),
    }],
  });
  return outputFiles[0].text;
}

const wasm = (name) => ({ type: "CompiledWasm", path: `${name}_bg.wasm`, contents: readFileSync(join(root, `pkg/${name}_bg.wasm`)) });
