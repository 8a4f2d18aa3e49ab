// The lines of a block of commands, and one of them that goes on until it is stopped.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What is typed: each line without its comment. @returns {string[]} */
export const lines = (/** @type {string} */ text) => text.split("\n").map((line) => line.replace(/\s+#.*$/, "").trim()).filter(Boolean);

/**
 * Runs a line in a shell until it has said what is waited for; resolves to the first group of that. `stop` ends all that it started.
 * @param {string} line
 * @param {RegExp} ready
 * @param {{ cwd: string, env?: Record<string, string | undefined>, patience?: number }} options  patience in milliseconds
 */
export async function startLine(line, ready, { cwd, env, patience = 90_000 }) {
  // wrangler tells nobody that it ran, and asks nobody for anything.
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" };
  // A group of its own: neither npm nor a shell passes signals on.
  const child = spawn("sh", ["-c", `${line} 2>&1`], { cwd, env: { ...process.env, ...quiet, ...env }, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const signal = (/** @type {NodeJS.Signals} */ name) => {
    try {
      process.kill(-Number(child.pid), name);
    } catch {
      // All of it has ended.
    }
  };
  const atExit = () => signal("SIGKILL");
  process.once("exit", atExit);
  const stop = async () => {
    const hard = setTimeout(() => signal("SIGKILL"), 10_000);
    signal("SIGTERM");
    await ended;
    clearTimeout(hard);
    process.off("exit", atExit);
  };

  const heard = [];
  const reader = createInterface({ input: child.stdout });
  const said = new Promise((resolve, reject) => {
    reader.on("line", (text) => {
      heard.push(text);
      const [, group] = ready.exec(text) ?? [];
      if (group) resolve(group);
    });
    const failed = (/** @type {string} */ why) => () => reject(new Error(`${line}: ${why}\n${heard.join("\n")}`));
    ended.then(failed("it ended"));
    setTimeout(failed(`it was not ready in ${patience / 1000} s`), patience).unref();
  });
  try {
    return { said: /** @type {string} */ (await said), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
