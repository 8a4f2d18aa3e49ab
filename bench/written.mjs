// Where results stay: results.json, each kind under its name, and that kind's part of README.md.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { readmes, written } from "../scripts/figures.mjs";
import { root } from "../scripts/lib/run.mjs";

const file = (name) => join(root, "bench", name);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** When, where, and what was compared. */
export function aboutMachine() {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: { cpu: cpu.model.trim(), cores: cpus().length, memory: `${Math.round(totalmem() / 2 ** 30)} GB` },
    versions: { evertoken: json(join(root, "package.json")).version, ...json(file("package.json")).dependencies },
  };
}

/** The same as a line for README.md, naming the peers that took part. */
export const about = ({ date, machine, load, versions }, peers) =>
  `${date}; ${machine.cpu}, ${machine.cores} cores, ${machine.memory}; load at the start ${load.toFixed(2)}.\n${["evertoken", ...peers].map((name) => `${name} ${versions[name]}`).join(", ")}.`;

/** What the project asked of itself, for README.md. */
export const asked = (targets) =>
  ["| | | asked | found | |", "|---|---|--:|--:|---|", ...targets.map(({ name, runtime, want, found, met }) => `| ${name} | ${runtime} | ${want} | ${found} | ${met ? "met" : "**missed**"} |`), ""].join("\n");

/** The same for the terminal. */
export const said = ({ name, runtime, want, found, met }) => `  ${met ? "met   " : "MISSED"} ${runtime.padEnd(9)} ${name.padEnd(52)} ${want.padEnd(10)} ${found}`;

/**
 * @param {string} kind  what stands after `npm run bench --`
 * @param {object} found
 * @param {(found: object) => string} render  for README.md
 */
export function keep(kind, found, render) {
  writeFileSync(file("results.json"), `${JSON.stringify({ ...json(file("results.json")), [kind]: found }, null, 1)}\n`);
  const [, before, after] = new RegExp(`^(.*<!-- ${kind} -->\\n).*(<!-- end of ${kind} -->.*)$`, "s").exec(readFileSync(file("README.md"), "utf8")) ?? [];
  if (after === undefined) throw new Error(`bench/README.md has no place for ${kind}`);
  writeFileSync(file("README.md"), `${before}${render(found)}${after}`);
  for (const page of readmes) writeFileSync(join(root, page), written(page));
  console.log(`\nwritten: bench/results.json, bench/README.md, ${readmes.join(", ")}`);
}
