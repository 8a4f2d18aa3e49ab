// What `npm run bench -- client` found, beside what the project asked of itself, for the terminal and for README.md.

import { about, asked } from "./written.mjs";

/** @typedef {{ version: string, call: number, nothing: number, touched: { storage: number, locks: number, requests: number }, replay: number, slowest: number }} Runtime  ns, ns, times, ms, ms */
/** @typedef {{ name: string, posts: number, recovered: number }} Outage  in an hour; seconds */
/** @typedef {{ life: number, fired: number, posts: number, ms: number }} Hour  seconds; an hour, an hour, milliseconds */
/** @typedef {{ refreshes: number, heap: number, wasm: number }} Memory  bytes */
/** @typedef {{ runtimes: Runtime[], outages: Outage[], hours: Hour[], memory: Memory[] }} Found */

/** @param {Found} found */
export function targetsOf({ runtimes, outages, hours, memory }) {
  const targets = [];
  const add = (runtime, name, want, found, met) => targets.push({ name, runtime, want, found, met });
  for (const { version, call, touched } of runtimes) {
    const runtime = version.split(" ")[0];
    add(runtime, "getAccessToken() on a valid token", "< 1000 ns", `${call} ns`, call < 1000);
    const { storage, locks, requests } = touched;
    add(runtime, "… storage, locks and requests it touches", "0, 0, 0", [storage, locks, requests].join(", "), storage + locks + requests === 0);
  }
  // 1, 2, 4 … 60 s apart: six in the first minute, then one a minute.
  for (const { name, posts } of outages) add("Node", `POSTs in an hour of ${name}`, "≤ 66", String(posts), posts <= 66);
  // Each renewal comes a minute, or a quarter of the life, before the end, and up to a tenth of that earlier.
  for (const { life, fired } of hours) {
    const least = 3600 / (life - Math.min(60, life / 4) * 1.1);
    add("Node", `timers in an idle hour, tokens of ${life} s`, `≤ ${Math.ceil(least)}`, fired.toFixed(1), fired <= Math.ceil(least));
  }
  const [before, after] = [memory[0], memory.at(-1)].map(({ heap, wasm }) => heap + wasm);
  const more = (100 * (after - before)) / before;
  add("Node", `memory after ${count(memory.at(-1).refreshes - memory[0].refreshes)} more refreshes`, "≤ + 5 %", `${more < 0 ? "−" : "+"} ${Math.abs(more).toFixed(1)} %`, more <= 5);
  return targets;
}

const count = (number) => number.toLocaleString("en");
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(2);
const table = (head, rows) => [`| ${head.join(" | ")} |`, `|---|${head.slice(1).map(() => "--:|").join("")}`, ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");

/** @param {Found} found */
export const shown = ({ runtimes, outages, hours, memory }) =>
  [
    table(
      ["", "getAccessToken(), ns", "an async function of nothing, ns", "401 to replay, ms", "slowest, ms"],
      runtimes.map(({ version, call, nothing, replay, slowest }) => [version, call, nothing, replay.toFixed(2), slowest.toFixed(2)]),
    ),
    table(["an hour of", "POSTs", "s until the next token"], outages.map(({ name, posts, recovered }) => [name, posts, recovered])),
    table(["an idle hour, tokens of", "timers", "POSTs", "processor, ms"], hours.map(({ life, fired, posts, ms }) => [`${life} s`, fired.toFixed(1), posts.toFixed(1), ms.toFixed(1)])),
    table(["refreshes", "heap, MB", "wasm, MB"], memory.map(({ refreshes, heap, wasm }) => [count(refreshes), megabytes(heap), megabytes(wasm)])),
  ].join("\n\n");

/** All of it, for README.md. */
export const clientWritten = (found) => `${about(found, [])}\n\n${asked(found.targets)}\n${shown(found)}\n`;
