// Runs the demo's worker in workerd, through wrangler, until it is told to stop.

import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const www = fileURLToPath(new URL("../", import.meta.url));
// Not its bin: that only starts this file, one process further away from the signals.
const wrangler = () => join(createRequire(import.meta.url).resolve("wrangler/package.json"), "../wrangler-dist/cli.js");

/** Longest time that a cold start may take, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Resolves once the worker answers. `state` is the folder that keeps the Durable Objects, `vars` replace
 * those of the configuration, `assets` and `config` the demo's own, and port 0 takes a free one.
 * @param {{ port?: number, state?: string, vars?: Record<string, string | number>, assets?: string, config?: string, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ url: string, stopped: Promise<number>, stop: () => Promise<number> }>}
 */
export async function serve(options = {}) {
  const { port = 8787, state = join(www, ".wrangler/state"), vars = {}, assets, config = join(www, "wrangler.jsonc"), onLine } = options;
  mkdirSync(state, { recursive: true });
  const child = fork(wrangler(), [
    "dev",
    ...["--config", config, "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0", "--persist-to", state],
    ...(assets ? ["--assets", assets] : []),
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    "--show-interactive-dev-session=false",
  ], {
    cwd: www,
    silent: true,
    execArgv: ["--no-warnings", "--import", new URL("leave-with-parent.mjs", import.meta.url).href],
    // Everything it writes stays in the project, and it tells nobody that it ran.
    env: { ...process.env, WRANGLER_LOG_PATH: join(www, ".wrangler/logs"), WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });

  /** @type {string[]} */
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        said.push(line);
        onLine?.(line);
      }
    });
  }

  /** @type {Promise<number>} */
  const stopped = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 0)));
  const stop = () => {
    const hard = setTimeout(() => child.kill("SIGKILL"), 5000);
    child.kill("SIGTERM");
    return stopped.finally(() => clearTimeout(hard));
  };

  const ready = new Promise((resolve, reject) => {
    child.on("message", (message) => {
      const { event, port: taken } = JSON.parse(String(message));
      if (event !== "DEV_SERVER_READY") return;
      // wrangler is ready even so: it waits for a repaired source, and lets every request wait with it.
      if (said.some((line) => line.includes("Build failed"))) reject(new Error(`the worker could not be bundled:\n${said.join("\n")}`));
      else resolve(`http://127.0.0.1:${taken}/`);
    });
    stopped.then((code) => reject(new Error(`the worker did not start (code ${code}):\n${said.join("\n")}`)));
    setTimeout(() => reject(new Error(`the worker did not start in ${PATIENCE / 1000} s:\n${said.join("\n")}`)), PATIENCE).unref();
  });

  try {
    return { url: await ready, stopped, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
