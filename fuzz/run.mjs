// npm run fuzz -- --seconds 60              all targets, a minute together
// npm run fuzz -- --seconds 600 json claims   only these
// A failure leaves its input in fuzz/artifacts and says how to run it again.

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
  const { values, positionals } = parseArgs({ options: { seconds: { type: "string", default: "60" } }, allowPositionals: true });
  const seconds = Number(values.seconds);
  const targets = positionals.length > 0 ? positionals : known;
  const strange = targets.filter((target) => !known.includes(target));
  if (!(seconds > 0) || strange.length > 0) throw new Error(`--seconds takes a positive number, and the targets are ${known.join(", ")}`);

  console.log("Setting up");
  await setUpFuzzing();
  // No sanitizer: the project forbids unsafe code, and overflows are checked all the same.
  await step("fuzz targets", () => cargo("build", "--sanitizer", "none"));

  const each = Math.max(1, Math.round(seconds / targets.length));
  console.log(`\nFuzzing, ${each} s each`);
  const results = [];
  for (const target of targets) results.push(await one(target, each));
  const failed = results.filter(({ failure }) => failure).length;
  const sum = results.reduce((total, { runs }) => total + runs, 0);
  console.log(`\n${sum.toLocaleString("en")} inputs in ${targets.length} targets, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
} catch (error) {
  explain(error);
  process.exit(1);
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
  console.log(`  ${failure ? "✗" : "✓"} ${target.padEnd(14)} ${runs.toLocaleString("en").padStart(12)} inputs, slowest ${stat("stat::slowest_unit_time_sec")} s, ${readdirSync(corpus).length} kept`);
  if (failure) console.log(`${text.split("\n").slice(-60).join("\n")}\nagain: cargo +nightly fuzz run --sanitizer none ${target} <the file above>`);
  return { runs, failure };
}
