// The real Deno, from the package that holds nothing but its program: run without network, settings or prompts.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../tools/package.json", import.meta.url));
const libc = process.platform === "linux" ? "-glibc" : "";
const name = `@deno/${process.platform}-${process.arch}${libc}`;
export const deno = () => join(require.resolve(`${name}/package.json`), `../deno${process.platform === "win32" ? ".exe" : ""}`);

/** What a script of ours may do: KV, files, and other processes like it. */
export const permissions = ["--unstable-kv", "--allow-read", "--allow-write", "--allow-env", "--allow-run", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];

/**
 * Runs a script to its end and gives what it printed, one JSON value a line.
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<any[]>}
 */
export const runInDeno = (script, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(deno(), ["run", ...permissions, script, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } });
    let [printed, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk) => (printed += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code !== 0) return reject(new Error(`Deno ended with ${code}:\n${printed}${said}`));
      resolve(printed.split("\n").filter(Boolean).map((line) => JSON.parse(line)));
    });
  });
