// npm run bench -- issue                              sign-ins and refreshes a second, with 10, 1,000 and 100,000 live sessions
// npm run bench -- issue --sessions 10 --rounds 2     fewer of them, --runtime node or workerd: only there; nothing is written
// npm run bench -- issue --state /dev/shm             workerd's databases there: a hundred thousand objects in minutes

import { loadavg, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { generateKey } from "../src/js/edge/node.js";
import { figures, issueWritten, line, targetsOf } from "./issue-table.mjs";
import { aboutMachine, keep, said } from "./written.mjs";

/** Sessions that are refreshed in turn, so that no subject is asked twice at once. */
const BUSY = 16;
const IN_TURN = 64;
const AT_ONCE = 320;
const SIZES = "10,1000,100000";

/** @param {string[]} args */
export async function issue(args) {
  const { values } = parseArgs({
    args,
    options: { runtime: { type: "string", multiple: true, default: ["workerd", "node"] }, sessions: { type: "string", default: SIZES }, rounds: { type: "string", default: "11" }, state: { type: "string", default: tmpdir() } },
  });
  const busy = loadavg()[0];
  if (busy > 0.7) console.log(`\nThe machine is busy (load ${busy.toFixed(1)}): compare within a table, not between them.`);
  const material = { signingKeys: [await generateKey("ES256")], secret: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64") };
  /** @type {Record<string, { version: string, results: import("./issue-table.mjs").Result[] }>} */
  const runtimes = {};
  const sizes = values.sessions.split(",").map(Number);
  for (const name of values.runtime) {
    const { [name]: start } = await import(`./issue-${name}.mjs`);
    const { version, all, stop } = await start(material, sizes, values.state);
    try {
      console.log(`\n${version}`);
      runtimes[name] = { version, results: await measured(all, Number(values.rounds)) };
    } finally {
      await stop();
    }
  }
  const targets = targetsOf(runtimes);
  console.log(`\nTargets\n${targets.map(said).join("\n")}`);
  if (values.sessions === SIZES && values.runtime.length === 2) keep("issue", { ...aboutMachine(), load: busy, runtimes, targets }, issueWritten);
}

/** Fills every store, and then lets everybody take turns: few sessions and many are measured side by side. */
async function measured(all, rounds) {
  for (const one of all) {
    await one.begin();
    for (let done = 0; done < one.sessions; done += 100) {
      await signIns(one, Math.min(100, one.sessions - done));
      if (done % 1000 === 900) await one.pause?.();
    }
    await one.pause?.();
    if (one.sessions > 1000) console.log(`  ${one.name}: ${one.sessions.toLocaleString("en")} sessions are there`);
  }
  const taken = new Map(all.map((one) => [one, { signIns: [], latencies: [], refreshes: [] }]));
  const tokens = new Map();
  for (const one of all) tokens.set(one, await signIns(one, BUSY));
  for (let round = 0; round < rounds; round++) {
    // In another order each time: whoever comes after many writes finds the disk busy. The first round warms up.
    for (const one of shuffled(all)) {
      await block(one, tokens.get(one), round === 0 ? { signIns: [], latencies: [], refreshes: [] } : taken.get(one));
    }
  }
  return all.map((one) => {
    const result = { name: one.name, sessions: one.sessions, ...figures(taken.get(one)) };
    console.log(line(result));
    return result;
  });
}

/** One turn: refreshes one after the other for how long each takes, then many at once for how many there are in a second. */
async function block(one, tokens, taken) {
  await one.begin();
  for (let n = 0; n < IN_TURN; n++) {
    const since = performance.now();
    tokens[n % BUSY] = await one.refresh(tokens[n % BUSY]);
    taken.latencies.push(performance.now() - since);
  }
  let since = performance.now();
  const chain = async (_, at) => {
    for (let n = 0; n < AT_ONCE / BUSY; n++) tokens[at] = await one.refresh(tokens[at]);
  };
  await Promise.all(Array.from({ length: BUSY }, chain));
  taken.refreshes.push((AT_ONCE * 1000) / (performance.now() - since));
  since = performance.now();
  await signIns(one, BUSY);
  taken.signIns.push((BUSY * 1000) / (performance.now() - since));
}

const shuffled = (all) => all.map((one) => [Math.random(), one]).sort(([a], [b]) => a - b).map(([, one]) => one);

const signIns = (one, n) => one.signIn(Array.from({ length: n }, () => `user-${crypto.randomUUID()}`));
