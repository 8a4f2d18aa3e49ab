// Builds both wasm modules into pkg/: cargo, wasm-bindgen, wasm-opt. Skips what has not changed.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { shipped } from "./lib/glue.mjs";
import { shortened } from "./lib/names.mjs";
import { root, run } from "./lib/run.mjs";
import { fingerprint, stamp } from "./lib/stamp.mjs";
import { explain, step, total, upToDate } from "./lib/step.mjs";
import { bindgen, setUpDemo } from "./setup.mjs";

const target = "wasm32-unknown-unknown";

/**
 * The modules that are published. `inline` is how much code a call may be replaced by: 5 at opt-level "z". With 15
 * both are smallest; 60 costs the edge 5 KB and makes an HS256 verification a tenth faster.
 */
export const modules = [
  // A page lives for days: its instance can be replaced where it fails.
  { name: "evertoken_client", features: "client,wasm", inline: 15, bindgen: ["--experimental-reset-state-function"] },
  { name: "evertoken", features: "client,verifier,wasm", inline: 15, bindgen: ["--experimental-reset-state-function"] },
  { name: "evertoken_edge", features: "issuer,rust-crypto,wasm", inline: 60 },
];

// Named one by one: `--all-features` would emit encodings that some runtimes cannot read.
const wasmFeatures = ["mutable-globals", "sign-ext", "bulk-memory", "nontrapping-float-to-int", "reference-types", "multivalue"];

const optimisations = [
  "-Oz", ...wasmFeatures.map((feature) => `--enable-${feature}`),
  // What is called once stays a function if it is long: what has its own locals compresses better, by 3 % of the edge.
  // Short ones do not, and hosts that compile a function when it first runs have fewer to compile.
  "--one-caller-inline-max-function-size=40", "--strip-target-features",
];

const rustflags = ({ inline }) =>
  [
    // Panics name their source files: without this, the folders of whoever built the package.
    `--remap-path-prefix=${join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry/src")}=crates`,
    `-Cllvm-args=--inline-threshold=${inline}`,
    // Hashing is a small part of a signature, and unrolled it weighs 3 KB.
    '--cfg=sha2_backend_soft="compact"',
  ].join("\x1f");

const cargoInputs = ["src", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"];
const inputs = () => fingerprint([...cargoInputs, "scripts/build.mjs", "scripts/lib/glue.mjs", "scripts/lib/names.mjs", "scripts/lib/panics.mjs", "package-lock.json"], { only: /\.rs$/ });

/**
 * Builds what has changed. Everything that `setUpDemo` installs must be there.
 * @param {string[]} [names]  of these modules alone
 */
export async function build(names = modules.map(({ name }) => name)) {
  const hash = inputs();
  const stale = modules.filter((module) => names.includes(module.name) && !stampOf(module, hash).fresh());
  if (stale.length === 0) return void (await step("wasm modules", async () => upToDate));

  // Compiling keeps every core busy, so one after the other; the rest of the first overlaps with the second's compiling.
  const finishing = [];
  for (const module of stale) {
    stampOf(module, hash).clear();
    await compile(module);
    finishing.push(finish(module).then(() => stampOf(module, hash).set()));
  }
  await Promise.all(finishing);
}

const stampOf = ({ name }, hash) => stamp(`build-${name}`, hash, [`pkg/${name}.js`, `pkg/${name}_bg.wasm`]);

const compiled = ({ name }) => join(root, "target/modules", name);
// Those with the same flags share a folder: cargo compiles every dependency again where flags have changed.
const folderOf = ({ inline }) => `target/inline-${inline}`;

async function compile(module) {
  await step(`${module.name}: compile`, async () => {
    await run("cargo", ["build", "--release", "--lib", "--locked", "--target", target, "--target-dir", folderOf(module), "--no-default-features", "--features", module.features], {
      env: { CARGO_ENCODED_RUSTFLAGS: rustflags(module) },
    });
    mkdirSync(compiled(module), { recursive: true });
    copyFileSync(join(root, folderOf(module), target, "release/evertoken.wasm"), join(compiled(module), "evertoken.wasm"));
  });
}

async function finish(module) {
  const { name, bindgen: more = [] } = module;
  const folder = compiled(module);
  await step(`${name}: bind`, () =>
    run(bindgen(), [
      "--target", "web", "--omit-default-module-path", "--remove-producers-section",
      ...more, "--out-name", name, "--out-dir", folder, join(folder, "evertoken.wasm"),
    ]),
  );
  await step(`${name}: optimise`, async () => {
    const pkg = join(root, "pkg");
    const [silent, small] = ["silent.wasm", "small.wasm"].map((file) => join(folder, file));
    mkdirSync(pkg, { recursive: true });
    // Here, since only what builds has binaryen.
    const { silenced } = await import("./lib/panics.mjs");
    writeFileSync(silent, silenced(readFileSync(join(folder, `${name}_bg.wasm`))));
    await run(process.execPath, [join(root, "node_modules/binaryen/bin/wasm-opt"), ...optimisations, silent, "-o", small]);
    const { wasm, glue } = shortened(readFileSync(small), shipped(readFileSync(join(folder, `${name}.js`), "utf8")));
    writeFileSync(join(pkg, `${name}_bg.wasm`), wasm);
    writeFileSync(join(pkg, `${name}.js`), glue);
    copyFileSync(join(folder, `${name}.d.ts`), join(pkg, `${name}.d.ts`));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    console.log("Building evertoken");
    await setUpDemo();
    await build();
    console.log(`built in ${total()}`);
  } catch (error) {
    explain(error);
    process.exit(1);
  }
}
