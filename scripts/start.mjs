// The demo from nothing: sets up, builds, makes keys at the first start, and runs the worker in workerd.

import { createServer } from "node:net";
import { build } from "./build.mjs";
import { explain, step, total, upToDate } from "./lib/step.mjs";
import { setUpDemo } from "./setup.mjs";

const port = Number(process.env.PORT || 8787);

/** Aborted by the first Ctrl-C or SIGTERM. */
const stopping = new AbortController();
let serving = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    // With no worker to stop in order, and when asked twice, end at once.
    if (!serving || stopping.signal.aborted) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping.abort();
  });
}

// npm starts a shell that starts this, and the shell does not pass signals on: when it is gone, so is who asked.
if (process.env.npm_lifecycle_event === "start") {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.emit("SIGTERM");
  }, 500).unref();
}

try {
  await checkPort();
  console.log("Starting the evertoken demo");
  await setUpDemo();
  await build();
  await prepare();
  await serveUntilStopped();
  process.exit(0);
} catch (error) {
  explain(error);
  process.exit(1);
}

async function checkPort() {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw sentence(`PORT must be a number from 1 to 65535, not "${process.env.PORT}".`);
  const free = await new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
  if (!free) throw sentence(`Port ${port} of 127.0.0.1 is not free. Stop what listens there, or choose another: PORT=${port + 1} npm start`);
}

async function prepare() {
  const { copyAssets } = await import("../www/scripts/assets.mjs");
  const { ensureSecrets } = await import("../www/scripts/secrets.mjs");
  await step("page", async () => copyAssets());
  await step("signing key and refresh secret", async () => (ensureSecrets() ? undefined : upToDate));
}

async function serveUntilStopped() {
  const { serve } = await import("../www/scripts/serve.mjs");
  serving = true;
  const said = [];
  // Until the worker answers, what it says is kept, and shown only if it fails.
  let say = (line) => void said.push(line);
  const worker = await step("worker", async () => {
    const started = await serve({ port, onLine: (line) => say(line) });
    for (const path of ["", ".well-known/jwks.json"]) {
      const why = await refusal(`${started.url}${path}`);
      if (!why) continue;
      await started.stop();
      throw Object.assign(new Error(`The demo's worker did not start: ${why}`), { output: said.join("\n") });
    }
    return started;
  });
  say = console.log;
  if (!stopping.signal.aborted) console.log(`\nready http://127.0.0.1:${port}/\n\nStarted in ${total()}. Ctrl-C stops it.`);

  const code = await Promise.race([worker.stopped, aborted(stopping.signal)]);
  await worker.stop();
  if (!stopping.signal.aborted) throw sentence(`The worker stopped by itself with code ${code}; what it said is above.`);
  console.log("stopped");
}

/** Asks for `url`; resolves to what is wrong with the answer, or to nothing. */
async function refusal(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(30_000)]) });
    const body = await response.text();
    return response.ok ? undefined : `GET ${url} answered ${response.status} ${body.slice(0, 2000)}`;
  } catch (error) {
    return stopping.signal.aborted ? "it was stopped" : `GET ${url}: ${error.message}`;
  }
}

function aborted(signal) {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));
}

/** An error whose message is all there is to say. */
function sentence(message) {
  return Object.assign(new Error(message), { output: "" });
}
