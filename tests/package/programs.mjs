// The runtimes that run a file, and what it printed at last.

import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "../../scripts/lib/run.mjs";
import { packageTools } from "../../scripts/setup.mjs";

/** @typedef {string[]} Program  and its arguments */

const libc = process.platform === "linux" ? "-glibc" : "";
const denoFolder = () => join(createRequire(createRequire(import.meta.url).resolve("deno/package.json")).resolve(`@deno/${process.platform}-${process.arch}${libc}/package.json`), "..");

export const node = (/** @type {string} */ file) => [process.execPath, "--no-warnings", file];
/** Without a single permission, unless the file is given one. */
export const deno = (/** @type {string} */ file, /** @type {string[]} */ ...permissions) => [join(denoFolder(), "deno"), "run", "--no-prompt", "--node-modules-dir=manual", ...permissions, file];
export const bun = (/** @type {string} */ file) => [join(packageTools(), `node_modules/@oven/bun-${process.platform}-${process.arch}/bin/bun`), "run", file];

/**
 * The last line that a program prints, which is JSON.
 * @param {Program} program
 * @param {string} folder
 */
export const lastLine = async ([program, ...args], folder) => {
  const output = await run(program, args, { cwd: folder, env: { DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" }, timeout: 60 });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
};
