// Runs a program and keeps what it said, to be shown only when it fails.

import { spawn } from "node:child_process";

/** A program that ended badly; `output` is all that it said. */
export class Failed extends Error {
  constructor(command, output) {
    super(`failed: ${command}`);
    this.name = "Failed";
    this.output = output;
  }
}

/**
 * Resolves to what the program printed, both streams in the order in which they came.
 * `onLine` sees each line as it comes; `timeout` is in seconds.
 * @param {string} command
 * @param {string[]} [args]
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, onLine?: (line: string) => void, timeout?: number, onStart?: (child: import("node:child_process").ChildProcess) => void }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args = [], { cwd = root, env, onLine, onStart, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    onStart?.(child);
    let output = "";
    let line = "";
    const take = (chunk) => {
      output += chunk;
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      if (onLine) lines.forEach(onLine);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);

    const said = [command, ...args].join(" ");
    const timer = timeout && setTimeout(() => {
      take(`\nstopped: it ran for more than ${timeout} s\n`);
      child.kill("SIGKILL");
    }, timeout * 1000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new Failed(said, error.code === "ENOENT" ? `${command} is not installed` : error.message));
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new Failed(said, output));
    });
  });
}

/** Whether a program can be started at all. */
export const present = (command, args = ["--version"]) =>
  run(command, args).then((output) => output.trim() || true, () => false);

/** The project's folder, whatever the current one is. */
export const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
