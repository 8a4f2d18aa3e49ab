// Results as lines for the terminal and as tables for README.md.

import { about, asked } from "./written.mjs";

const rounded = (us) => (us >= 100 ? us.toFixed(0) : us >= 10 ? us.toFixed(1) : us.toFixed(2));
const cell = ({ name, us, timesAsFast }) =>
  `${rounded(us)}${timesAsFast === undefined || name === "jose" ? "" : ` (${timesAsFast.toFixed(2)} ×)`}`;

/** One operation, for the terminal. */
export const line = (group, results) => `  ${group.padEnd(26)} ${results.map((one) => `${one.name} ${cell(one)}`).join("   ")}`;

const PEERS = ["@tsndr/cloudflare-worker-jwt", "fast-jwt", "hono", "jose"];

/** All of it, for README.md. */
export const verifyWritten = (found) => `${about(found, PEERS)}\n\n${asked(found.targets)}\n${Object.values(found.runtimes).map(table).join("\n")}`;

function table({ version, results: all }) {
  const results = all.filter(({ aside }) => !aside);
  const names = [...new Set(results.map(({ name }) => name.replace(/, (verify|sign)Sync$/, ", sync")))];
  const groups = [...new Set(results.map(({ group }) => group))];
  const row = (group) => {
    const cells = names.map((name) => results.find((one) => one.group === group && one.name.replace(/, (verify|sign)Sync$/, ", sync") === name));
    return `| ${group} | ${cells.map((one) => (one ? cell(one) : "")).join(" | ")} |`;
  };
  return [`### ${version}`, "", `| µs | ${names.join(" | ")} |`, `|---|${names.map(() => "--:").join("|")}|`, ...groups.map(row), ""].join("\n");
}
