// What `npm run bench -- issue` found, as lines for the terminal and as tables for README.md.

import { median } from "./measure.mjs";
import { about, asked } from "./written.mjs";

/** @typedef {{ name: string, sessions: number, p50: number, p99: number, refreshes: number, signIns: number }} Result  ms, ms, a second, a second */

/** @returns {Omit<Result, "name" | "sessions">} */
export function figures({ signIns, latencies, refreshes }) {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(3));
  return { p50: at(0.5), p99: at(0.99), refreshes: Math.round(median(refreshes)), signIns: Math.round(median(signIns)) };
}

/** @param {Result} result */
export const line = ({ name, sessions, p50, p99, refreshes, signIns }) =>
  `  ${name.padEnd(34)} ${String(sessions).padStart(6)} refresh p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${refreshes} a second; sign-in ${signIns} a second`;

const OURS = "evertoken, Durable Objects";

/** The targets that what was measured can answer. */
export function targetsOf(runtimes) {
  const results = runtimes.workerd?.results ?? [];
  const targets = [];
  const add = (name, want, found, met) => targets.push({ name, runtime: "workerd", want, found, met });
  for (const ours of results.filter(({ name }) => name === OURS)) {
    for (const peer of results.filter(({ name, sessions }) => !name.startsWith("evertoken") && sessions === ours.sessions)) {
      add(`a refresh beside ${peer.name}, ${ours.sessions}`, "≤ 1.00", (ours.p50 / peer.p50).toFixed(2), ours.p50 <= peer.p50);
    }
  }
  for (const name of new Set(results.filter((each) => each.name.startsWith("evertoken")).map((each) => each.name))) {
    const [few, many] = [10, 100000].map((sessions) => results.find((each) => each.name === name && each.sessions === sessions));
    if (few && many) add(`${name}, 100,000 sessions beside 10`, "≤ 1.20", (many.p50 / few.p50).toFixed(2), many.p50 <= few.p50 * 1.2);
  }
  return targets;
}

const PEERS = ["@cloudflare/workers-oauth-provider", "@openauthjs/openauth"];

/** All of it, for README.md. */
export const issueWritten = (found) => `${about(found, PEERS)}\n\n${asked(found.targets)}\n${Object.values(found.runtimes).map(table).join("\n")}`;

const table = ({ version, results }) =>
  [
    `### ${version}`,
    "",
    "| | live sessions | refresh p50, ms | p99, ms | refreshes a second | sign-ins a second |",
    "|---|--:|--:|--:|--:|--:|",
    ...results.map(({ name, sessions, p50, p99, refreshes, signIns }) => `| ${name} | ${sessions.toLocaleString("en")} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${refreshes} | ${signIns} |`),
    "",
  ].join("\n");
