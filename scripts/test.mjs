// Every check of the project, stage by stage. A failing stage does not stop the later ones; a failing build does.
// `--full` adds what is long. Words after it choose stages by name: `node scripts/test.mjs clippy demo`.

import { readdirSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { cargoTests, nodeTests } from "./lib/counts.mjs";
import { Failed, root, run } from "./lib/run.mjs";
import { explain, seconds, total } from "./lib/step.mjs";
import { webkit } from "./lib/webkit.mjs";
import { geckodriver, setUpPackage, setUpTests, toolsPath, wasmPack } from "./setup.mjs";

const full = process.argv.includes("--full");
const chosen = process.argv.slice(2).filter((word) => !word.startsWith("--"));

const wasm = ["--target", "wasm32-unknown-unknown", "--no-default-features", "--features"];
const mainModule = "client,verifier,wasm";
const clientModule = "client,wasm";
const edgeModule = "issuer,rust-crypto,wasm";

/** @typedef {{ passed: number, failed: number }} Count */

// Two lanes for two cores. cargo locks its folder, so its stages would wait for each other anyway.
const cargoLane = [
  ["cargo fmt", () => checks(["fmt", "--all", "--check"])],
  ["clippy, native", () => checks(clippy("--all-features"), clippy("--no-default-features"), clippy("--package", "evertoken-sim"))],
  ["clippy, wasm", () => checks(clippy(...wasm, clientModule), clippy(...wasm, mainModule), clippy(...wasm, edgeModule))],
  ["cargo doc", () => checks(["rustdoc", "--locked", "--lib", "--", "-D", "warnings"])],
  ["cargo test", () => cargo("--all-features")],
  ["cargo test, client alone", () => cargo("--no-default-features", "--features", "client", "--lib")],
  ["cargo test, issuer alone", () => cargo("--no-default-features", "--features", "issuer", "--lib")],
  ["simulation", () => simulation(["--days", "20000"], ["--days", "5000", "--with", "StorageFull,ClockSet"], ["--days", "5000", "--one-token"])],
  ["simulation, its page", () => node("tests/sim")],
  ["wasm-pack, Chromium", () => inBrowser("--chrome", "--chromedriver", "chromedriver")],
  ["wasm-pack, Firefox", () => inBrowser("--firefox", "--geckodriver", "geckodriver")],
];
const nodeLane = [
  ["house rules", () => node("tests/house")],
  ["types", () => typescript("tsconfig.json", "tests/types/tsconfig.json", "tests/types/tsconfig.no-dom.json")],
  ["surface", () => node("tests/types")],
  ["node", () => node("tests/node")],
  ["adapters", () => node("tests/adapters")],
  ["package", () => node("tests/package")],
  ["workerd", () => node("tests/workerd")],
  ["Deno and Bun", () => node("tests/runtimes")],
  ["stores", () => node("tests/stores")],
  ["README", () => node("tests/readme")],
  ["browsers", () => node("tests/browsers", 900)],
  ["demo", () => node("tests/demo")],
];
if (full) {
  cargoLane.push(["account search, full", () => cargo("--config", "profile.test.opt-level=2", "--no-default-features", "--features", "issuer", "--test", "account_search", "--", "--ignored")]);
  cargoLane.push(["crate", () => node("tests/crate", 1_800)]);
  cargoLane.push(["fuzz", () => fuzz(10)]);
  cargoLane.push(["wasm-pack, WebKitGTK", () => inBrowser("--safari", "--safaridriver", "WebKitWebDriver")]);
  nodeLane.push(["package, full", () => setUpPackage().then(() => node("tests/package/full", 1_200, asItComes))]);
  nodeLane.push(["stores, full", () => node("tests/stores/full")]);
  nodeLane.push(["README, full", () => node("tests/readme/full")]);
  nodeLane.push(["demo, full", () => node("tests/demo/full", 1_200)]);
  nodeLane.push(["differential", () => differential(100_000)]);
}

/** @type {Count} */
const sum = { passed: 0, failed: 0 };

console.log("Setting up");
try {
  await setUpTests();
  await build();
} catch (error) {
  explain(error);
  console.log("\nNothing was tested: set-up or build failed.\n\n0 passed, 1 failed");
  process.exit(1);
}
console.log(`set up and built in ${total()}\n\nTesting`);
await Promise.all([lane(cargoLane), lane(nodeLane)]);
console.log(`\n${total()} in all\n\n${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed === 0 ? 0 : 1);

async function lane(stages) {
  for (const [name, work] of stages) {
    if (chosen.length === 0 || chosen.some((word) => name.includes(word))) await stage(name, work);
  }
}

/** Runs one stage and says its name, its count and its time; all that it printed where it failed. */
async function stage(name, work) {
  const since = performance.now();
  try {
    const { passed } = await work();
    if (passed === 0) throw new Failed(`${name}: no test ran`, "");
    sum.passed += passed;
    console.log(`  ✓ ${name}: ${passed} passed  ${seconds(since)}`);
  } catch (error) {
    // A program that failed without failing a test (it did not compile, say) is one failure.
    const failed = Math.max(1, error.count?.failed ?? 0);
    sum.passed += error.count?.passed ?? 0;
    sum.failed += failed;
    console.log(`  ✗ ${name}: ${error.count?.passed ?? 0} passed, ${failed} failed  ${seconds(since)}`);
    const bar = "─".repeat(100);
    console.log(`${bar}\n${(error.output ?? error.stack).trimEnd()}\n${error.message}\n${bar}`);
  }
}

/**
 * Runs programs one after the other, all of them even if one fails, and adds up what they counted.
 * @param {(() => Promise<string>)[]} programs
 * @param {(output: string) => Count} count
 * @returns {Promise<Count>}
 */
async function all(programs, count) {
  const together = { passed: 0, failed: 0 };
  const failures = [];
  for (const program of programs) {
    const output = await program().catch((error) => (failures.push(error), error.output ?? ""));
    const { passed, failed } = count(output);
    together.passed += passed;
    together.failed += failed;
  }
  if (failures.length === 0 && together.failed === 0) return together;
  const text = failures.map((error) => error.output ?? error.stack).join("\n");
  throw Object.assign(new Failed(failures.map((error) => error.message).join("\n"), text), { count: together });
}

/** Programs that check and count nothing: each is one check. */
async function checks(...commands) {
  let passed = 0;
  const counted = await all(
    commands.map((args) => async () => {
      const output = await gently("cargo", args);
      passed++;
      return output;
    }),
    () => ({ passed: 0, failed: 0 }),
  ).catch((error) => {
    throw Object.assign(error, { count: { passed, failed: commands.length - passed } });
  });
  return { ...counted, passed };
}

function clippy(...features) {
  return ["clippy", "--locked", "--all-targets", ...features, "--", "-D", "warnings"];
}

function cargo(...args) {
  return all([() => gently("cargo", ["test", "--locked", "--no-fail-fast", ...args], { timeout: 900 })], cargoTests);
}

/** tests/web_*.rs, for each of the two modules: a test says by `cfg` which it is for. */
function inBrowser(...browser) {
  const names = readdirSync(join(root, "tests")).filter((name) => /^web_.*\.rs$/.test(name)).map((name) => name.slice(0, -3));
  if (names.length === 0) throw new Failed("there is no tests/web_*.rs", "");
  const driver = browser[2] === "geckodriver" ? geckodriver() : browser[2];
  const tests = names.flatMap((name) => ["--test", name]);
  // WebKitGTK draws even when nobody looks.
  const screen = browser[0] === "--safari" ? ["xvfb-run", "--auto-servernum"] : [];
  const env = { PATH: toolsPath(), WASM_BINDGEN_TEST_TIMEOUT: "120", ...webkit };
  const one = (features) => () => {
    const [program, ...args] = [
      ...screen, wasmPack(), "test", "--headless", "--mode", "no-install", browser[0], browser[1], driver,
      ...["--no-default-features", "--features", features, ...tests],
    ];
    return gently(program, args, { env, timeout: 900 });
  };
  return all([one(mainModule), one(edgeModule)], cargoTests);
}

/** Compiling gives way to the other lane, whose tests watch the clock. */
function gently(command, args, options) {
  return run(command, args, { ...options, onStart: (child) => child.pid && setPriority(child.pid, 10) });
}

/** The *.test.mjs of one folder, its subfolders left out, within so many seconds. */
async function node(folder, timeout = 600, onLine) {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".test.mjs")).map((name) => join(folder, name));
  if (files.length === 0) throw new Failed(`there is no ${folder}/*.test.mjs`, "");
  return all([() => run(process.execPath, ["--test", "--test-reporter=spec", ...files], { timeout, onLine })], nodeTests);
}

/** Says what a long stage has done so far. */
function asItComes(line) {
  if (/^[✔✖] /.test(line)) console.log(`    ${line}`);
}

/** evertoken against jose on so many generated tokens; a difference that nobody has described fails it. */
function differential(cases) {
  const compare = () => run(process.execPath, ["tests/differential/main.mjs", "--cases", String(cases)], { timeout: 3600 });
  return all([compare], (output) => ({ passed: Number(/^(\d+) cases, 0 undocumented/m.exec(output)?.[1] ?? 0), failed: 0 }));
}

/** Every fuzz target for so many seconds, on inputs that are new each time. */
function fuzz(each) {
  const targets = () => run(process.execPath, ["fuzz/run.mjs", "--seconds", String(each)], { timeout: 1800 });
  return all([targets], (output) => {
    const [, count, findings] = /^(\d+) targets, \d+ inputs, (\d+) findings$/m.exec(output) ?? [];
    return { passed: Number(count ?? 0) - Number(findings ?? 0), failed: Number(findings ?? 0) };
  });
}

/** So many device-days of users, faults and thieves; each that was simulated without a failure counts. */
function simulation(...worlds) {
  const program = ["run", "--quiet", "--locked", "--profile", "sim", "--package", "evertoken-sim", "--"];
  const count = (output) => {
    const [, passed = 0, failed = 0] = /^(\d+) device-days, (\d+) failures$/m.exec(output) ?? [];
    return { passed: Number(passed), failed: Number(failed) };
  };
  return all(worlds.map((options) => () => gently("cargo", [...program, ...options], { timeout: 900 })), count);
}

/** Counts the files that were checked and are ours. */
async function typescript(...projects) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const ours = (line) => line.startsWith(root) && !line.includes("node_modules");
  const check = (project) => async () => {
    try {
      return await run(process.execPath, [tsc, "--project", project, "--listFiles"]);
    } catch (error) {
      // What it complains about, without the list.
      error.output = error.output.replace(/^\/.*\n/gm, "");
      throw error;
    }
  };
  return all(projects.map(check), (output) => ({ passed: output.split("\n").filter(ours).length, failed: 0 }));
}
