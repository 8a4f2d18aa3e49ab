// Results as lines for the terminal and as tables for README.md.

const rounded = (us) => (us >= 100 ? us.toFixed(0) : us >= 10 ? us.toFixed(1) : us.toFixed(2));
const cell = ({ name, us, timesAsFast }) =>
  `${rounded(us)}${timesAsFast === undefined || name === "jose" ? "" : ` (${timesAsFast.toFixed(2)} ×)`}`;

/** One operation, for the terminal. */
export const line = (group, results) => `  ${group.padEnd(26)} ${results.map((one) => `${one.name} ${cell(one)}`).join("   ")}`;

/** All of it, for README.md. */
export function written({ date, machine, load, versions, runtimes, targets }) {
  const about = [
    `${date}; ${machine.cpu}, ${machine.cores} cores, ${machine.memory}; load at the start ${load.toFixed(2)}.`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ") + ".",
  ];
  return `${about.join("\n")}\n\n${asked(targets)}\n${Object.values(runtimes).map(table).join("\n")}`;
}

/** What the project asked of itself, for the terminal. */
export const said = ({ name, runtime, want, found, met }) => `  ${met ? "met   " : "MISSED"} ${runtime.padEnd(9)} ${name.padEnd(52)} ${want.padEnd(10)} ${found}`;

function asked(targets) {
  const rows = targets.map(({ name, runtime, want, found, met }) => `| ${name} | ${runtime} | ${want} | ${found} | ${met ? "met" : "**missed**"} |`);
  return ["### Targets", "", "A ratio is the median of five paired rounds: how many times as fast as the other.", "", "| | | asked | found | |", "|---|---|--:|--:|---|", ...rows, ""].join("\n");
}

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
