// npm run bench -- start                      what loading costs: evertoken/edge in workerd, evertoken in Chromium
// npm run bench -- start --rounds 60          more rounds than 30
//
// Who loads the package and who loads nothing take turns, and the difference between the least of each is the measure: of
// processor time, which is what hosts limit at start-up, and of the time on the clock. In workerd it is that of a new
// process from its start to the first answer, of all its threads. In Chromium it is that of a page's main thread in a new
// browser context, nothing cached, from the import, over HTTP from this machine, until the wasm module is there; without
// the package it imports a module that is empty. What is imported is what a bundler makes of a page that has a client
// alone, and of one that uses everything. A client is made while its module comes, and what is asked for holds until it is
// ready.
//
// A page rests for a second before it imports anything: Chromium is busy for a while after it opened one, and the package
// would wait for that, too. How fast a Chromium is depends on its start as well, by 3 ms between the leasts of five of
// them, so there is a new one every few rounds. Fetching is counted, and told beside it: another page fetches as many
// bytes in the same order, a comment for the JavaScript, and compiles nothing.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { build as bundle } from "esbuild";
import { chromium } from "playwright-core";
import workerd from "workerd";
import { root } from "../scripts/lib/run.mjs";
import { bundled as shipped, entries } from "../scripts/lib/weigh.mjs";
import { clocks, startWritten, targetsOf } from "./start-table.mjs";
import { aboutMachine, keep, said } from "./written.mjs";

/** @typedef {{ cpu: number, clock: number, ready: number }} Round  milliseconds; `ready` when all that was asked for is */
/** @typedef {Round & { full: number }} More  than nothing takes; `full` is the time on the clock with what nothing takes */

const withPackage = `import { createIssuer, decodeSync } from "evertoken/edge";
const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.AAAA";
export default { fetch: () => new Response(typeof createIssuer + decodeSync(token).claims.sub) };`;
const without = `export default { fetch: () => new Response("functionada") };`;

/** @param {string} contents */
async function bundled(contents) {
  const { outputFiles } = await bundle({
    stdin: { contents, resolveDir: root }, bundle: true, write: false, format: "esm", target: "es2022", conditions: ["workerd", "worker", "browser"],
    plugins: [{
      name: "wasm beside the bundle",
      setup: (setup) => setup.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${path.split("/").at(-1)}`, external: true })),
    }],
  });
  return outputFiles[0].text;
}

/** The processor time that all threads of a process have had. @param {number | undefined} pid */
const spent = (pid) => readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]), 0) / 1e6;

/** A folder that `workerd serve` can serve. @param {string} folder @param {string} contents @param {string[]} wasm */
function served(folder, contents, wasm) {
  mkdirSync(folder);
  writeFileSync(join(folder, "worker.mjs"), contents);
  for (const name of wasm) copyFileSync(join(root, "pkg", name), join(folder, name));
  const modules = ['(name = "worker.mjs", esModule = embed "worker.mjs")', ...wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`)];
  writeFileSync(join(folder, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [${modules.join(", ")}], compatibilityDate = "2026-04-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`);
  return folder;
}

/** From nothing to the first answer. @param {string} folder @returns {Promise<Round>} */
async function answered(folder) {
  const since = performance.now();
  const child = spawn(workerd.default, ["serve", "--control-fd=3", "config.capnp"], { cwd: folder, stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const ended = new Promise((end) => child.once("exit", end));
  try {
    const port = await new Promise((found, never) => {
      child.stdio[3]?.on("data", (line) => found(JSON.parse(String(line)).port));
      ended.then(() => never(new Error("workerd ended")));
    });
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    if (text !== "functionada") throw new Error(`the worker answered ${text}`);
    const clock = performance.now() - since;
    return { clock, cpu: spent(child.pid), ready: clock };
  } finally {
    child.kill();
    await ended;
  }
}

/** @param {number} rounds */
async function inWorkerd(rounds) {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-start-"));
  try {
    const loaded = served(join(folder, "loaded"), await bundled(withPackage), ["evertoken_edge_bg.wasm"]);
    const empty = served(join(folder, "empty"), without, []);
    const { edge } = await inTurns(rounds, { nothing: () => answered(empty), edge: () => answered(loaded) });
    return edge;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What each takes more than nothing does.
 * @param {number} rounds
 * @param {Record<string, () => Promise<Round>>} turns  `nothing` and others
 * @param {() => Promise<void>} [renew]  whatever they run in
 * @returns {Promise<Record<string, More>>}
 */
async function inTurns(rounds, turns, renew) {
  const found = Object.fromEntries(Object.keys(turns).map((name) => [name, /** @type {Round[]} */ ([])]));
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS === 0) await renew?.();
    const names = Object.keys(turns);
    for (const name of round % 2 === 0 ? names : names.reverse()) found[name].push(await turns[name]());
  }
  const { nothing, ...others } = Object.fromEntries(Object.entries(found).map(([name, all]) => [name, least(all)]));
  return Object.fromEntries(Object.entries(others).map(([name, { cpu, clock, ready }]) => [name, { cpu: cpu - nothing.cpu, clock: clock - nothing.clock, ready: ready - nothing.ready, full: clock }]));
}

/** What else the machine does only adds to it. @param {Round[]} all @returns {Round} */
const least = (all) => ({ cpu: Math.min(...all.map(({ cpu }) => cpu)), clock: Math.min(...all.map(({ clock }) => clock)), ready: Math.min(...all.map(({ ready }) => ready)) });

const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
/** As deep as the sources are: so a bundle's literal addresses of the modules are right. */
const SCRIPTS = "/src/js/browser";
/** Milliseconds. */
const REST = 1_000;
/** Of one Chromium. */
const ROUNDS = 6;

/** Every file by its path. @returns {Promise<Map<string, Buffer>>} */
async function pageFiles() {
  const [client, whole] = entries;
  const files = new Map([["/", Buffer.from("<!doctype html><title>start</title>")], [`${SCRIPTS}/nothing.js`, Buffer.from("export {};")]]);
  for (const [name, page] of /** @type {const} */ ([["client", client], ["whole", { ...whole, names: [...whole.names, "init"] }]])) {
    const script = Buffer.from(await shipped(page));
    const module = `/pkg/${page.wasm}_bg.wasm`;
    const exported = `export const module = "${module}";`;
    files.set(`${SCRIPTS}/${name}.js`, script).set(module, readFileSync(join(root, module)));
    files.set(`${SCRIPTS}/${name}-plain.js`, Buffer.from(`${exported}/*${"-".repeat(script.length - exported.length - 4)}*/`));
  }
  return files;
}

/** @param {number} rounds */
async function inChromium(rounds) {
  const files = await pageFiles();
  const server = createServer(({ url = "/" }, response) => {
    const path = normalize(url);
    response.writeHead(files.has(path) ? 200 : 404, { "content-type": types[extname(path)] ?? "text/html" }).end(files.get(path));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  /** @type {import("playwright-core").Browser | undefined} */
  let browser;

  /** @param {string} script @returns {Promise<Round>} */
  const page = async (script) => {
    if (!browser) throw new Error("no browser was started");
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      await tab.goto(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`);
      await tab.waitForTimeout(REST);
      const inspector = await context.newCDPSession(tab);
      await inspector.send("Performance.enable");
      const threadTime = async () => (await inspector.send("Performance.getMetrics")).metrics.find(({ name }) => name === "ThreadTime").value * 1000;
      const before = await threadTime();
      const times = await tab.evaluate(async (url) => {
        /** @type {number | undefined} */
        let there;
        const instantiate = WebAssembly.instantiateStreaming;
        WebAssembly.instantiateStreaming = async (...given) => {
          const instance = await instantiate(...given);
          there = performance.now();
          return instance;
        };
        const since = performance.now();
        const { createClient, init, module } = await import(url);
        if (init) await init();
        else if (createClient) await createClient({ storage: "memory", tokenEndpoint: "/token", clientId: "start" }).ready;
        else if (module) await (await fetch(module)).arrayBuffer();
        const now = performance.now();
        if ((init || createClient) && there === undefined) throw new Error("the module came by another way than WebAssembly.instantiateStreaming");
        return { clock: (there ?? now) - since, ready: now - since };
      }, `${SCRIPTS}/${script}.js`);
      return { cpu: (await threadTime()) - before, ...times };
    } finally {
      await context.close();
    }
  };
  const renew = async () => {
    await browser?.close();
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--headless", "--disable-gpu"] });
    await page("client");
  };
  try {
    const names = ["nothing", "client", "client-plain", "whole", "whole-plain"];
    const found = await inTurns(rounds, Object.fromEntries(names.map((name) => [name, () => page(name)])), renew);
    const told = (/** @type {string} */ name) => ({ ...found[name], fetching: found[`${name}-plain`].clock });
    return { client: told("client"), whole: told("whole") };
  } finally {
    await browser?.close();
    server.close();
  }
}

/** @param {string[]} args */
export async function start(args) {
  const { values } = parseArgs({ args, options: { rounds: { type: "string", default: "30" } } });
  const rounds = Number(values.rounds);
  const load = loadavg()[0];
  if (load > 0.7) console.log(`\nThe machine is busy (load ${load.toFixed(1)}): times on the clock will be longer than they are.`);
  const found = { load, rounds, workerd: await inWorkerd(rounds), ...(await inChromium(rounds)) };
  console.log(`\n${targetsOf(found).map(said).join("\n")}\n${clocks(found)}`);
  keep("start", { ...aboutMachine(), ...found }, startWritten);
}
