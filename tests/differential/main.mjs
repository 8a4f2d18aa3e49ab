// npm run differential -- --cases 1000000 --seed 1   tries that many cases, on all cores
// npm run differential -- --seed 1 --only 4711       tries one again and prints all about it

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { inspect, parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { answer, compare, PER_ROUND } from "./compare.mjs";

if (isMainThread) await main();
else parentPort?.postMessage(await compare({ ...workerData, onRound: (done) => done % 1600 === 0 && parentPort?.postMessage({ done }) }));

async function main() {
  const { values } = parseArgs({
    options: { cases: { type: "string", default: "100000" }, seed: { type: "string" }, only: { type: "string" }, jobs: { type: "string" } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (values.only !== undefined) return report(await compare({ seed, from: Number(values.only), to: Number(values.only) + 1 }), seed, true);

  const cases = Number(values.cases);
  const jobs = Number(values.jobs ?? availableParallelism());
  if (!(cases > 0 && jobs > 0 && Number.isInteger(seed))) throw new Error("--cases, --jobs and --seed take positive whole numbers");
  console.log(`${cases} cases from seed ${seed}, in ${jobs} ${jobs === 1 ? "thread" : "threads"}`);
  const since = performance.now();
  const share = Math.ceil(cases / jobs / PER_ROUND) * PER_ROUND;
  const done = Array(jobs).fill(0);
  const say = setInterval(() => console.log(`  ${done.reduce((sum, one) => sum + one)} cases, ${Math.round((performance.now() - since) / 1000)} s`), 30_000);
  const parts = Array.from({ length: jobs }, (_, job) => {
    const [from, to] = [Math.min(cases, job * share), Math.min(cases, (job + 1) * share)];
    return inThread({ seed, from, to }, (count) => (done[job] = count));
  });
  const results = await Promise.all(parts).finally(() => clearInterval(say));
  report(results.reduce(merged), seed, false);
  console.log(`${((performance.now() - since) / 1000).toFixed(1)} s`);
}

/** @returns {Promise<Awaited<ReturnType<typeof compare>>>} */
function inThread(part, onDone) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: part });
    worker.on("message", (said) => ("done" in said ? onDone(said.done) : resolve(said)));
    worker.on("error", reject);
  });
}

function merged(left, right) {
  const sums = (a, b) =>
    Object.fromEntries([...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
  return {
    cases: left.cases + right.cases,
    mismatches: [...left.mismatches, ...right.mismatches],
    used: sums(left.used, right.used),
    answers: sums(left.answers, right.answers),
  };
}

function report({ cases, mismatches, used, answers }, seed, all) {
  const table = (rows) =>
    Object.entries(rows).sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${String(count).padStart(9)}  ${name}`).join("\n");
  console.log(`\nevertoken answered\n${table(answers)}\n\njose differs as documented\n${table(used)}`);
  for (const [kind, [first, ...others]] of [...kinds(mismatches)].slice(0, 20)) {
    console.log(`\nDIFFERENT: ${kind}${others.length ? ` (and ${others.length} more)` : ""}\n  again: npm run differential -- --seed ${seed} --only ${first.case}`);
    if (all) console.log(inspect(first, { depth: 6, maxStringLength: 2000 }));
  }
  if (all && mismatches.length === 0) console.log("\nno undocumented difference in this case");
  console.log(`\n${cases} cases, ${mismatches.length} undocumented differences`);
  process.exitCode = mismatches.length === 0 ? 0 : 1;
}

/** By what was said and what was odd about the token, so that one cause is one line. */
function kinds(mismatches) {
  const kinds = new Map();
  for (const one of mismatches) {
    const said = Object.entries(one.outcomes).map(([name, outcome]) => `${name}: ${answer(outcome)}${"claim" in outcome ? ` (${outcome.claim} ${outcome.reason})` : ""}`);
    const kind = `${said.join(", ")} [${[...new Set([...one.token.tags, ...one.token.faults])].sort().join(", ")}]`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  return kinds;
}
