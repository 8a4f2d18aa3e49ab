// npm run bench -- verify                     Node, workerd and Chromium; writes results.json and the table in README.md
// npm run bench -- verify --runtime node      only there, and nothing is written; --batch 20 makes each turn 20 ms
// npm run bench -- verify --only "HS256 verify"   only what starts so
// npm run bench -- start                      what loading costs: see start.mjs
// npm run bench -- issue                      sign-ins and refreshes: see issue.mjs
// npm run bench -- client                     what a client costs a page: see client.mjs

import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../scripts/build.mjs";
import { root, run } from "../scripts/lib/run.mjs";
import { fingerprint, stamp } from "../scripts/lib/stamp.mjs";
import { explain, step, upToDate } from "../scripts/lib/step.mjs";
import { setUpBench } from "../scripts/setup.mjs";
import { line, verifyWritten } from "./table.mjs";
import { targetsOf } from "./targets.mjs";
import { aboutMachine, keep, said } from "./written.mjs";

const runtimes = ["node", "workerd", "chromium"];

try {
  const kind = process.argv[2];
  if (kind === "issue" || kind === "start") {
    await setUp();
    await (kind === "issue" ? (await import("./issue.mjs")).issue : (await import("./start.mjs")).start)(process.argv.slice(3));
    process.exit(0);
  }
  if (process.argv[2] === "client") {
    await setUp();
    await (await import("./client.mjs")).client();
    process.exit(0);
  }
  const { values, positionals } = parseArgs({
    options: { runtime: { type: "string", multiple: true }, only: { type: "string" }, batch: { type: "string", default: "50" } },
    allowPositionals: true,
  });
  const chosen = values.runtime ?? runtimes;
  if (positionals.join() !== "verify" || chosen.some((name) => !runtimes.includes(name))) {
    throw Object.assign(new Error(`npm run bench -- verify [--runtime ${runtimes.join("|")}] [--only TEXT] [--batch MS]`), { output: "" });
  }
  await setUp();
  const busy = loadavg()[0];
  if (busy > 0.7) console.log(`\nThe machine is busy (load ${busy.toFixed(1)}): ratios may hold, microseconds will not.`);

  const { material } = await import("./material.mjs");
  const made = await material();
  /** @type {Record<string, { version: string, results: import("./measure.mjs").Result[] }>} */
  const results = {};
  for (const name of chosen) results[name] = await one(name, made, values);
  const targets = targetsOf(results);
  if (targets.length > 0) console.log(`\nTargets\n${targets.map(said).join("\n")}\n\n${targets.filter(({ met }) => met).length} of ${targets.length} met`);
  if (chosen.length === runtimes.length && !values.only) keep("verify", { ...aboutMachine(), load: busy, runtimes: results, targets }, verifyWritten);
  process.exit(0);
} catch (error) {
  explain(error);
  process.exit(1);
}

async function setUp() {
  console.log("Setting up");
  await setUpBench();
  await step("peers", async () => {
    const peers = stamp("node-modules-bench", fingerprint(["bench/package-lock.json"]), ["bench/node_modules/jose/package.json"]);
    if (peers.fresh()) return upToDate;
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: join(root, "bench") });
    peers.set();
  });
  await build();
}

async function one(name, material, { only = "", batch }) {
  const { measured } = await import("./measure.mjs");
  const { [name]: start } = await import(`./${name}.mjs`);
  const { version, all, ask, stop } = await start(material);
  console.log(`\n${version}`);
  try {
    const wanted = all.map((one, index) => ({ ...one, index })).filter(({ group }) => group.startsWith(only));
    const results = await measured(wanted, (at, n) => ask(wanted[at].index, n), {
      batch: Number(batch),
      onGroup: (group, found) => console.log(line(group, found)),
    });
    return { version, results };
  } finally {
    await stop();
  }
}
