// npm run fuzz -- --seconds 20                every target, twenty seconds each
// npm run fuzz -- --seconds 600 json claims     only these
// A finding leaves its input in fuzz/artifacts and says how to run it again.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, run } from "../scripts/lib/run.mjs";
import { explain, step } from "../scripts/lib/step.mjs";
import { cargoFuzz, setUpFuzzing } from "../scripts/setup.mjs";
import { seeds } from "./seeds.mjs";

const fuzz = join(root, "fuzz");
/** No input is longer: what takes more than linear time is slow here, and a slow answer is a failure. */
const LONGEST = 65_536;
const SLOWEST = 5;

/** Where cargo-fuzz puts what it builds. */
const triple = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-${process.platform === "darwin" ? "apple-darwin" : "unknown-linux-gnu"}`;
const known = [...readFileSync(join(fuzz, "Cargo.toml"), "utf8").matchAll(/\[\[bin\]\]\nname = "(.+)"/g)].map((match) => match[1]);

try {
  const { values, positionals } = parseArgs({ options: { seconds: { type: "string", default: "20" } }, allowPositionals: true });
  const seconds = Number(values.seconds);
  const targets = positionals.length > 0 ? positionals : known;
  const strange = targets.filter((target) => !known.includes(target));
  if (!(seconds > 0) || strange.length > 0) throw Object.assign(new Error(`--seconds takes a positive number, and the targets are ${known.join(", ")}`), { output: "" });

  console.log("Setting up");
  await setUp();
  // No sanitizer: the project forbids unsafe code, and overflows are checked all the same.
  await step("fuzz targets", () => cargo("build", "--sanitizer", "none"));

  console.log(`\nFuzzing, ${seconds} s each`);
  const results = [];
  for (const target of targets) results.push(await one(target, seconds));
  const findings = results.filter(({ failure }) => failure).length;
  const inputs = results.reduce((total, { runs }) => total + runs, 0);
  console.log(`\n${targets.length} targets, ${inputs} inputs, ${findings} findings`);
  process.exit(findings === 0 ? 0 : 1);
} catch (error) {
  explain(error);
  process.exit(1);
}

/** Nothing else of the project needs these two, so whoever lacks them is told what they are. */
async function setUp() {
  try {
    await setUpFuzzing();
  } catch (error) {
    const message = "Fuzzing takes nightly Rust (rustup toolchain install nightly) and cargo-fuzz (cargo install cargo-fuzz), of which one is missing and could not be installed. Nothing was fuzzed.";
    throw Object.assign(error, { message: `${message}\n${error.message}` });
  }
}

/** cargo-fuzz runs under cargo, of the nightly toolchain. */
function cargo(...args) {
  return run(cargoFuzz(), ["fuzz", ...args, "--fuzz-dir", fuzz], { env: { RUSTUP_TOOLCHAIN: "nightly" } });
}

/** Runs one target for so many seconds on what is known already. */
async function one(target, seconds) {
  const corpus = join(fuzz, "corpus", target);
  const artifacts = join(fuzz, "artifacts", target);
  for (const folder of [corpus, artifacts]) mkdirSync(folder, { recursive: true });
  (seeds[target] ?? []).forEach((text, index) => writeFileSync(join(corpus, `seed-${index}`), text));

  const binary = join(fuzz, "target", triple, "release", target);
  const limits = [`-max_total_time=${seconds}`, `-max_len=${LONGEST}`, "-len_control=20", `-timeout=${SLOWEST}`, "-rss_limit_mb=1024"];
  const output = await run(binary, [corpus, `-artifact_prefix=${artifacts}/`, `-dict=${join(fuzz, "json.dict")}`, "-print_final_stats=1", ...limits])
    .catch((error) => Object.assign(error, { failed: true }));
  const failure = typeof output === "string" ? undefined : output;
  const text = failure ? failure.output : output;
  const stat = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  const runs = stat("stat::number_of_executed_units");
  const covered = [...text.matchAll(/ cov: (\d+) /g)].map((match) => Number(match[1]));
  const grown = `coverage ${covered[0] ?? 0} to ${covered.at(-1) ?? 0}`;
  console.log(`  ${failure ? "✗" : "✓"} ${target.padEnd(14)} ${String(runs).padStart(10)} inputs, ${grown}, slowest ${stat("stat::slowest_unit_time_sec")} s, ${readdirSync(corpus).length} kept`);
  if (failure) console.log(`${text.split("\n").slice(-60).join("\n")}\nagain: cargo +nightly fuzz run --sanitizer none ${target} <the file above>`);
  return { runs, failure };
}
