// What each choice weighs: `node scripts/tried.mjs` builds the modules with and without it, in a copy of the checkout,
// and prints by how many KB of brotli the pages change. Half an hour on an idle machine; words after it choose among
// the titles. Its table in docs/size.md is written by hand.

import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { Failed, root, run } from "./lib/run.mjs";
import { explain } from "./lib/step.mjs";
import { weigh } from "./lib/weigh.mjs";

/** @typedef {{ file: string, from: string | RegExp, to: string }} Change */
/** @typedef {{ title: string, modules?: string[], changes: Change[] }} Choice  with the modules that it can change: all unless said */

/** @param {string} file @param {string | RegExp} from @param {string} to @returns {Change} */
const change = (file, from, to) => ({ file, from, to });
const both = ["evertoken_client", "evertoken"];
const edge = ["evertoken_edge"];
const builder = "scripts/build.mjs";
const manifest = "Cargo.toml";
/** LLVM's threshold for those of one module, or of both. @param {number} now @param {number} other */
const inline = (now, other) => change(builder, new RegExp(`inline: ${now}\\b`, "g"), `inline: ${other}`);
/** A module of its own, instead of the client's. */
const alone = (/** @type {string} */ features) => change(builder, 'features: "client,wasm"', `features: "${features}"`);

/** Those that only end differently come first: nothing is compiled for them. @type {Choice[]} */
const choices = [
  { title: "panics with their messages", changes: [change(builder, "silenced(readFileSync(join(folder, `${name}_bg.wasm`)))", "readFileSync(join(folder, `${name}_bg.wasm`))")] },
  { title: "functions that are called once are inlined, long ones too", changes: [change(builder, '"--one-caller-inline-max-function-size=40", ', "")] },
  { title: "… none of them", changes: [change(builder, "max-function-size=40", "max-function-size=0")] },
  { title: "a list of target features", changes: [change(builder, ', "--strip-target-features"', "")] },
  { title: "long names between a module and its glue", changes: [change(builder, /shortened\((.*), (shipped\(.*\))\);/, "{ wasm: $1, glue: $2 };")] },
  { title: 'opt-level = "s"', changes: [change(manifest, 'opt-level = "z"', 'opt-level = "s"')] },
  { title: "opt-level = 3", modules: both, changes: [change(manifest, 'opt-level = "z"', "opt-level = 3")] },
  { title: "thin LTO", modules: both, changes: [change(manifest, 'lto = "fat"', 'lto = "thin"')] },
  { title: "16 codegen units", modules: both, changes: [change(manifest, "codegen-units = 1\npanic", "codegen-units = 16\npanic")] },
  { title: "the default allocator", changes: [change("src/lib.rs", '#[cfg(all(feature = "wasm", target_arch = "wasm32"))]\n#[global_allocator]', "#[cfg(any())]\n#[global_allocator]")] },
  { title: "inline threshold 5", modules: both, changes: [inline(15, 5)] },
  { title: "inline threshold 30", changes: [inline(15, 30), inline(60, 30)] },
  { title: "inline threshold 60", modules: both, changes: [inline(15, 60)] },
  { title: "inline threshold 15", modules: edge, changes: [inline(60, 15)] },
  { title: "hashes for size", modules: edge, changes: [change(manifest, "[profile.release.package.hmac-sha256]\nopt-level = 3\n", "")] },
  { title: "unrolled SHA-512", modules: edge, changes: [change(builder, `    '--cfg=sha2_backend_soft="compact"',\n`, "")] },
  {
    title: "serde_json beside our reader", modules: both,
    changes: [
      change(manifest, /(?<=\n\[dependencies\]\n)/, 'serde_json = { version = "1", default-features = false, features = ["alloc"] }\n'),
      change(builder, '"--locked"', '"--offline"'),
      change("src/lib.rs", /$/, `
#[cfg(feature = "wasm")]
#[wasm_bindgen::prelude::wasm_bindgen]
/// Reads and writes one value.
#[must_use]
pub fn reread(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string(&value).ok()
}
`),
    ],
  },
  { title: "the verifier without the client", modules: ["evertoken_client"], changes: [alone("verifier,wasm")] },
  {
    title: "decoding alone", modules: ["evertoken_client"],
    changes: [
      alone("decoding,wasm"),
      change(manifest, "\nverifier = []", "\nverifier = []\ndecoding = []"),
      change("src/shell/mod.rs", /#\[cfg\(feature = "verifier"\)\]\n(?=pub mod decode|pub\(crate\) mod (host|options))/g, ""),
      change("src/shell/error.rs", /#\[cfg\(feature = "verifier"\)\]\n/g, ""),
    ],
  },
];

const copy = join(root, "target/tried");
const sources = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "package.json", "package-lock.json", "scripts", "src", "sim"];

/** The checkout as it would be; what was compiled stays. @param {Change[]} changes */
const arrange = (changes) => {
  mkdirSync(copy, { recursive: true });
  for (const source of sources) {
    rmSync(join(copy, source), { recursive: true, force: true });
    cpSync(join(root, source), join(copy, source), { recursive: true, preserveTimestamps: true });
  }
  rmSync(join(copy, "node_modules"), { force: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const { file, from, to } of changes) {
    const text = readFileSync(join(copy, file), "utf8");
    const changed = text.replace(from, to);
    if (changed === text) throw new Failed(`${file} has no ${from} any more; see scripts/tried.mjs`, "");
    writeFileSync(join(copy, file), changed);
  }
};

/** Those of a checkout: each module, and its glue, which is all of the JavaScript that changes. @param {string} folder @param {string[]} modules */
const weighed = (folder, modules) => {
  const kb = (/** @type {string} */ file) => weigh(readFileSync(join(folder, "pkg", file))).brotli / 1024;
  return modules.map((name) => ({ wasm: kb(`${name}_bg.wasm`), glue: kb(`${name}.js`) }));
};

const all = [...both, ...edge];
const signed = (/** @type {number} */ value) => (Math.abs(value) < 0.05 ? "0" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`);
const row = (/** @type {string} */ title, /** @type {string[]} */ cells) => console.log(`${title.padEnd(50)}${cells.map((cell) => cell.padStart(18)).join("")}`);

try {
  const words = process.argv.slice(2);
  await build();
  const today = weighed(root, all);
  row("\nKB of brotli: wasm, glue", all);
  row("today", today.map(({ wasm, glue }) => `${wasm.toFixed(1)}, ${glue.toFixed(1)}`));
  for (const { title, modules = all, changes } of choices.filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)))) {
    arrange(changes);
    const program = `import { build } from "./scripts/build.mjs"; await build(${JSON.stringify(modules)});`;
    await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: copy, timeout: 3600 });
    const found = weighed(copy, modules);
    row(title, all.map((name, at) => {
      const one = found[modules.indexOf(name)];
      return one ? `${signed(one.wasm - today[at].wasm)}, ${signed(one.glue - today[at].glue)}` : "";
    }));
  }
} catch (error) {
  explain(error);
  process.exit(1);
}
