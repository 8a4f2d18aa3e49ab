// wrangler's own commands, which say nothing to anybody about having run.

import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "../../scripts/lib/run.mjs";

const program = join(createRequire(import.meta.url).resolve("wrangler/package.json"), "../bin/wrangler.js");

/** @param {...string} args */
export const wrangler = (...args) =>
  run(process.execPath, [program, ...args], { env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "1" }, timeout: 60 });
