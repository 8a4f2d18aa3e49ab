// The same pages through every bundler, looked at in Chromium under a strict policy.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { freePort } from "../../../scripts/lib/port.mjs";
import { run } from "../../../scripts/lib/run.mjs";
import { packageTools } from "../../../scripts/setup.mjs";
import { ADAPTED } from "../adapters.mjs";
import { user } from "../pack.mjs";
import { looker, namer, site } from "../pages.mjs";
import { CHECKS } from "../smoke.mjs";

const { folder, installed, write, remove } = user(packageTools());
after(remove);
const fixtures = new URL("../fixtures/", import.meta.url);
for (const name of ["adapters", "page", "vite"]) cpSync(new URL(`${name}/`, fixtures), folder, { recursive: true });
for (const name of ["adapters.mjs", "smoke.mjs"]) cpSync(new URL(`../${name}`, import.meta.url), join(folder, name));
const pages = ["page", "client", "app"];

const tool = createRequire(join(folder, "package.json"));
const load = (name) => import(pathToFileURL(tool.resolve(name)).href);
const vite = (...args) => run(process.execPath, [join(tool.resolve("vite/package.json"), "../bin/vite.js"), ...args], { cwd: folder, timeout: 120 });

const chromium = await looker("Chromium", installed);
after(() => chromium.close());

const all = ["evertoken", "evertoken_client", "evertoken_edge"];

/** Each module that the pages can ask for is in a folder once, and the pages do what they should. */
const look = async (dist, { modules = all, client = "evertoken_client" } = {}) => {
  const files = readdirSync(join(folder, dist), { recursive: true }).map(String).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(files.map((name) => namer(installed)(readFileSync(join(folder, dist, name)))).sort(), modules);
  const served = await site(join(folder, dist));
  try {
    await chromium.whole(`${served.url}page.html`);
    await chromium.client(`${served.url}client.html`, client);
    await chromium.app(`${served.url}app.html`, client);
  } finally {
    served.close();
  }
};

test("Vite builds it", async () => {
  await vite("build", "--outDir", "dist-vite");
  await look("dist-vite");
});

test("Vite serves it while one develops", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [join(tool.resolve("vite/package.json"), "../bin/vite.js"), "--port", String(port), "--strictPort", "--host", "127.0.0.1"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((end) => child.once("exit", end));
  try {
    const url = `http://127.0.0.1:${port}/`;
    for (let tries = 0; tries < 100 && !(await fetch(url).then(() => true, () => false)); tries++) await sleep(200);
    await chromium.whole(`${url}page.html`);
    await chromium.client(`${url}client.html`);
    await chromium.app(`${url}app.html`);
  } finally {
    child.kill();
    await ended;
  }
});

test("Vite renders it on the server", async () => {
  await vite("build", "--ssr", "server.mjs", "--outDir", "dist-ssr");
  write("ssr.mjs", 'import { render } from "./dist-ssr/server.js"; console.log(JSON.stringify(await render()));\n');
  const output = await run(process.execPath, ["--no-warnings", "ssr.mjs"], { cwd: folder });
  assert.equal(JSON.parse(output).length, CHECKS + ADAPTED.length);
});

test("webpack builds it without any setting", async () => {
  const { default: webpack } = await load("webpack");
  const stats = await new Promise((resolve, reject) =>
    webpack({ mode: "production", context: folder, entry: Object.fromEntries(pages.map((name) => [name, `./${name}.mjs`])), output: { path: join(folder, "dist-webpack") } }, (error, done) => (error ? reject(error) : resolve(done))));
  assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
  for (const name of pages) write(`dist-webpack/${name}.html`, `<!doctype html><script defer src="${name}.js"></script>`);
  await look("dist-webpack");
});

test("Rollup builds it with the plugin that knows what a module's address is", async () => {
  const { rollup } = await load("rollup");
  const { nodeResolve } = await load("@rollup/plugin-node-resolve");
  const { importMetaAssets } = await load("@web/rollup-plugin-import-meta-assets");
  // React is no ES module, and asks which environment it is in; the package needs neither plugin.
  const { default: commonjs } = await load("@rollup/plugin-commonjs");
  const { default: replace } = await load("@rollup/plugin-replace");
  const forReact = [commonjs(), replace({ preventAssignment: true, "process.env.NODE_ENV": '"production"' })];
  const input = pages.map((name) => join(folder, `${name}.mjs`));
  const bundle = await rollup({ input, logLevel: "silent", plugins: [nodeResolve({ browser: true }), ...forReact, importMetaAssets()] });
  await bundle.write({ dir: join(folder, "dist-rollup"), format: "es" });
  await bundle.close();
  for (const name of pages) write(`dist-rollup/${name}.html`, `<!doctype html><script type="module" src="${name}.js"></script>`);
  await look("dist-rollup");
});

test("esbuild builds it, and init says where the modules are", async () => {
  const { build } = await load("esbuild");
  await build({
    entryPoints: { page: join(folder, "esbuild.mjs"), client: join(folder, "esbuild-client.mjs"), app: join(folder, "esbuild-app.mjs") },
    bundle: true, format: "esm", splitting: true, minify: true, loader: { ".wasm": "file" }, outdir: join(folder, "dist-esbuild"), logLevel: "silent",
  });
  for (const name of pages) write(`dist-esbuild/${name}.html`, `<!doctype html><script type="module" src="${name}.js"></script>`);
  await look("dist-esbuild", { modules: ["evertoken", "evertoken_edge"], client: "evertoken" });
});

test("esbuild keeps the whole module's JavaScript out of a page that has a client alone", async () => {
  const { build } = await load("esbuild");
  const { metafile: { outputs } } = await build({ entryPoints: [join(folder, "client.mjs")], bundle: true, format: "esm", splitting: true, metafile: true, write: false, outdir: join(folder, "dist-alone"), logLevel: "silent", absWorkingDir: folder });
  const atOnce = new Set(["dist-alone/client.js"]);
  for (const file of atOnce) for (const { path, kind } of outputs[file].imports) if (kind === "import-statement") atOnce.add(path);
  const glue = [...atOnce].flatMap((file) => Object.keys(outputs[file].inputs)).filter((name) => name.includes("/pkg/"));
  assert.deepEqual(glue.map((name) => name.split("/").at(-1)), ["evertoken_client.js"]);
});
