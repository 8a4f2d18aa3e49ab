// npm run bench -- client     what a client costs a page that has one: calls, renewals, outages, idle hours, memory

import { loadavg } from "node:os";
import { createClient } from "../src/js/node.js";
import { heap, idle, outage } from "./client-hours.mjs";
import { clientWritten, shown, targetsOf } from "./client-table.mjs";
import { timeCalls, timeReplays } from "./client-work.mjs";
import { median } from "./measure.mjs";
import { aboutMachine, keep, said } from "./written.mjs";

/** Rounds so short that some of them are disturbed by nobody. */
const CALLS = { rounds: 40, calls: 50_000 };
/** Longer than a turn is kept after a renewal. */
const REPLAYS = { rounds: 40, pause: 150 };

const OUTAGES = {
  "no network, nobody asks": { calls: 0, down: () => Promise.reject(new TypeError("Failed to fetch")) },
  "no network, 100 calls a second": { calls: 100, down: () => Promise.reject(new TypeError("Failed to fetch")) },
  "503, 100 calls a second": { calls: 100, down: async () => new Response(null, { status: 503 }) },
  "429, Retry-After: 300, 100 calls a second": { calls: 100, down: async () => new Response(null, { status: 429, headers: { "retry-after": "300" } }) },
};
const LIVES = [60, 300, 3600];
const HOURS = 20;
/** The first ones also compile what runs often; from then on memory should stand still. */
const REFRESHES = [10_000, 20_000];

export async function client() {
  const busy = loadavg()[0];
  if (busy > 0.7) console.log(`\nThe machine is busy (load ${busy.toFixed(1)}): counts hold, microseconds will not.`);
  // First, while little else is in use.
  const memory = await heap(createClient, REFRESHES);
  const runtimes = [await inNode(), await inChromium()];
  const outages = [];
  for (const [name, how] of Object.entries(OUTAGES)) outages.push({ name, ...(await outage(createClient, how)) });
  const hours = [];
  for (const life of LIVES) hours.push({ life, ...(await idle(createClient, { life, hours: HOURS })) });
  const found = { ...aboutMachine(), load: busy, runtimes, outages, hours, memory };
  const targets = targetsOf(found);
  console.log(`\n${shown(found)}\n\nTargets\n${targets.map(said).join("\n")}\n\n${targets.filter(({ met }) => met).length} of ${targets.length} met`);
  keep("client", { ...found, targets }, clientWritten);
}

const figures = (version, { calls, nothing, touched }, replays) => ({
  version,
  call: Math.round(Math.min(...calls)),
  nothing: Math.round(Math.min(...nothing)),
  touched,
  replay: Number(median(replays).toFixed(2)),
  slowest: Number(Math.max(...replays).toFixed(2)),
});

const inNode = async () =>
  figures(`Node ${process.versions.node}`, await timeCalls(createClient, CALLS), await timeReplays(createClient, { ...REPLAYS, storage: "memory" }));

/** In a page, with its own storage, locks and channel. */
async function inChromium() {
  // Not before memory was looked at: they take more of it than a client.
  const [{ openBrowser }, { pages }] = await Promise.all([import("../tests/demo/harness.mjs"), import("../tests/browsers/server.mjs")]);
  const files = await pages(() => {});
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(new URL("blank.html", files.url).href);
    const run = (work, wanted) => page.evaluate(`import("/src/js/browser.js").then(({ createClient }) => (${work})(createClient, ${JSON.stringify(wanted)}))`);
    return figures(`Chromium ${browser.version()}`, await run(timeCalls, CALLS), await run(timeReplays, { ...REPLAYS, storage: "local" }));
  } finally {
    await browser.close();
    files.close();
  }
}
