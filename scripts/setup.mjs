// Installs what building and testing need: each piece once per machine or checkout, then never again.
// `node scripts/setup.mjs` does what the demo needs, `node scripts/setup.mjs tests` everything.

import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failed, present, root, run } from "./lib/run.mjs";
import { fingerprint, stamp } from "./lib/stamp.mjs";
import { explain, step, total, upToDate } from "./lib/step.mjs";

const tools = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "evertoken/tools");

/** The version that Cargo.lock holds: the command line tool must be exactly the library's. */
const bindgenVersion = () =>
  /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))[1];
const wasmPackVersion = "0.15.1";
const geckodriverVersion = "0.36.0";
const cargoFuzzVersion = "0.13.2";

const bindgenFolder = () => join(tools, `wasm-bindgen-${bindgenVersion()}`, "bin");
export const bindgen = () => join(bindgenFolder(), "wasm-bindgen");
const bindgenTestRunner = () => join(bindgenFolder(), "wasm-bindgen-test-runner");
export const wasmPack = () => join(tools, `wasm-pack-${wasmPackVersion}`, "bin/wasm-pack");
export const cargoFuzz = () => join(tools, `cargo-fuzz-${cargoFuzzVersion}`, "bin/cargo-fuzz");
export const geckodriver = () => join(tools, `geckodriver-${geckodriverVersion}`, "bin/geckodriver");

/** PATH with the cached wasm-bindgen in front, for wasm-pack. */
export const toolsPath = () => [bindgenFolder(), process.env.PATH].join(delimiter);

/** What `npm start` needs. */
export const setUpDemo = () => together(nodeModules("demo"), rust().then(installBindgen));

/** What `npm test` needs. */
export async function setUpTests() {
  await together(nodeModules("all"), browsers(), rust());
  // One after the other: each of these keeps every core busy.
  await installBindgenForTests();
  await install("wasm-pack", wasmPackVersion, wasmPack());
  await installGeckodriver();
}

/** What `npm run bench` needs beside its peers: all packages, since it drives a browser. */
export async function setUpBench() {
  await nodeModules("all");
  await rust();
  await installBindgen();
}

/** The bundlers, Bun and Next.js: outside of every checkout, so that nothing of one is found by chance. */
export const packageTools = () => join(tools, `package-${fingerprint(["tests/package/tools/package-lock.json"]).slice(0, 12)}`);

/** What `npm run test:package` needs beside that: about 600 MB, once for all checkouts. */
export async function setUpPackage() {
  await step("bundlers, Bun and Next.js", async () => {
    if (existsSync(packageTools())) return upToDate;
    const aside = `${packageTools()}.${process.pid}`;
    try {
      mkdirSync(aside, { recursive: true });
      for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(root, "tests/package/tools", name), join(aside, name));
      // Not `npm ci`, which stops where a lock does not know the packages of every other system.
      await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: aside });
      renameSync(aside, packageTools());
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  });
}

/** What `npm run fuzz` needs; libFuzzer's instrumentation is in nightly Rust alone. */
export async function setUpFuzzing() {
  await step("nightly Rust", async () => {
    const installed = await run("rustup", ["toolchain", "list"]);
    if (installed.split("\n").some((line) => line.startsWith("nightly-"))) return upToDate;
    await run("rustup", ["toolchain", "install", "nightly", "--profile", "minimal"]);
  });
  await install("cargo-fuzz", cargoFuzzVersion, cargoFuzz());
}

/** Waits for all even if one fails: nothing goes on behind the back of who reads the error. */
async function together(...work) {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

async function rust() {
  const { channel, components, targets } = toolchain();
  await step(`Rust ${channel} with ${targets.join(", ")}`, async () => {
    if (!(await present("cargo"))) {
      throw new Failed("cargo --version", "Rust is not installed. Install it from https://rustup.rs (or your system's rustup package) and try again.");
    }
    // Without rustup the system's own Rust must bring the target; the build will say so if it does not.
    if (!(await present("rustup"))) return upToDate;
    const installed = await run("rustup", ["toolchain", "list"]);
    if (!installed.split("\n").some((line) => line.startsWith(`${channel}-`))) {
      await run("rustup", ["toolchain", "install", channel, "--profile", "minimal", "--component", components.join(",")]);
    }
    const has = (kind) => run("rustup", [kind, "list", "--installed", "--toolchain", channel]);
    const [haveTargets, haveComponents] = [await has("target"), await has("component")];
    const missingTargets = targets.filter((target) => !haveTargets.includes(target));
    const missingComponents = components.filter((component) => !haveComponents.includes(component));
    if (missingTargets.length === 0 && missingComponents.length === 0) return upToDate;
    if (missingTargets.length > 0) await run("rustup", ["target", "add", "--toolchain", channel, ...missingTargets]);
    if (missingComponents.length > 0) await run("rustup", ["component", "add", "--toolchain", channel, ...missingComponents]);
  });
}

function toolchain() {
  const text = readFileSync(join(root, "rust-toolchain.toml"), "utf8");
  const list = (key) => [...new RegExp(`${key} = \\[(.*)\\]`).exec(text)[1].matchAll(/"([^"]+)"/g)].map((match) => match[1]);
  return { channel: /channel = "([^"]+)"/.exec(text)[1], components: list("components"), targets: list("targets") };
}

/**
 * The packages of package-lock.json. "demo" leaves out the workspace that only tests need, unless it is there already.
 * @param {"demo" | "all"} scope
 */
async function nodeModules(scope) {
  const lock = fingerprint(["package-lock.json"]);
  const demo = stamp("node-modules-demo", lock, ["node_modules/wrangler/package.json", "node_modules/binaryen/package.json"]);
  const all = stamp("node-modules-all", lock, ["node_modules/wrangler/package.json", "node_modules/typescript/package.json"]);
  const everything = scope === "all" || existsSync(join(root, "node_modules/typescript"));
  const wanted = everything ? all : demo;
  await step(everything ? "node packages" : "node packages for building and the demo", async () => {
    if (wanted.fresh()) return upToDate;
    demo.clear();
    all.clear();
    // No package's install script is needed: the binaries come in packages of their own.
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", ...(everything ? [] : ["--workspaces=false"])]);
    wanted.set();
  });
}

/** wasm-bindgen alone: building needs no more. TLS is left out: nothing that it talks to is further than this machine. */
async function installBindgen() {
  await install("wasm-bindgen-cli", bindgenVersion(), bindgen(), ["--no-default-features", "--bin", "wasm-bindgen"]);
}

/** The same with its test runner, which wasm-pack wants beside it. */
async function installBindgenForTests() {
  const both = ["--no-default-features", "--bin", "wasm-bindgen", "--bin", "wasm-bindgen-test-runner"];
  await install("wasm-bindgen-cli", bindgenVersion(), bindgenTestRunner(), both);
}

async function installGeckodriver() {
  if (await present("geckodriver")) return;
  await install("geckodriver", geckodriverVersion, geckodriver());
}

/** Builds a tool into the cache that all checkouts share. */
async function install(name, version, binary, options = []) {
  await step(`${name} ${version}`, async () => {
    if (existsSync(binary)) return upToDate;
    console.log(`    building it once for all checkouts, into ${tools}`);
    mkdirSync(tools, { recursive: true });
    // Built aside and moved into place: two set-ups at once do not see each other's half-built tool.
    const folder = join(binary, "../..");
    const aside = `${folder}.${process.pid}`;
    try {
      await run("cargo", ["install", name, "--version", version, "--root", aside, ...options], { env: quickBuild(aside) });
      rmSync(folder, { recursive: true, force: true });
      renameSync(aside, folder);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  });
}

/** These tools run for a second at a time, so they are built to be built fast. */
const quickBuild = (aside) => ({
  CARGO_TARGET_DIR: join(aside, "target"),
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
});

/** Programs, and the Debian packages that hold them. */
const debianPackages = {
  chromium: "chromium", chromedriver: "chromium-driver", "firefox-esr": "firefox-esr", WebKitWebDriver: "webkit2gtk-driver", "xvfb-run": "xvfb",
  xauth: "xauth", "redis-server": "redis-server",
};

/** The browsers with their drivers, and Redis, from the system's packages. */
async function browsers() {
  await step("Chromium, Firefox, WebKitGTK and Redis", async () => {
    const missing = [];
    const folders = (process.env.PATH ?? "").split(delimiter);
    const onPath = (program) => folders.some((folder) => existsSync(join(folder, program)));
    for (const [program, name] of Object.entries(debianPackages)) if (!onPath(program)) missing.push(name);
    if (missing.length === 0) return upToDate;

    const [program, ...first] = process.getuid?.() === 0 ? ["apt-get"] : ["sudo", "-n", "apt-get"];
    const apt = (...args) => run(program, [...first, ...args], { env: { DEBIAN_FRONTEND: "noninteractive" } });
    try {
      await apt("update");
      await apt("install", "--yes", "--no-install-recommends", ...missing);
    } catch (error) {
      throw new Failed(error.message, `${error.output ?? ""}\nThe tests need: ${missing.join(", ")}. Install them (on Debian or Ubuntu: apt-get install ${missing.join(" ")}) and try again.`);
    }
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await (process.argv[2] === "tests" ? setUpTests() : setUpDemo());
    console.log(`set up in ${total()}`);
  } catch (error) {
    explain(error);
    process.exit(1);
  }
}
