// In the page: a client by the options in the address, and what it told.

import "./without.mjs";
import { createClient } from "../../src/js/browser.js";

const given = new URLSearchParams(location.search);
const options = JSON.parse(given.get("client") ?? "{}");
const events = ["signedIn", "refreshed", "refreshDeferred", "expiring", "idleCountdown", "sessionChanged", "ended", "warning"];
const page = /** @type {any} */ (globalThis);
page.heard = [];
page.said = [];
if (given.has("clock")) {
  // Time stands still but for what a test lets go by, in all tabs at once; `skew` is this tab's own.
  if (!localStorage.getItem("wall")) localStorage.setItem("wall", given.get("clock") ?? "");
  page.skew = Number(given.get("skew"));
  options.host = { now: () => Number(localStorage.getItem("wall")) + page.skew, monotonic: () => Number(localStorage.getItem("monotonic")) };
}
// Whoever is asked has the time to answer, on any machine.
if (given.has("patient")) options.host = { setTimeout: (run, delay) => setTimeout(run, delay * 30), clearTimeout: (timer) => clearTimeout(timer) };
// Whoever is asked answers too late, on any machine.
if (given.has("hasty")) options.host = { setTimeout: (run, delay) => setTimeout(run, delay > 1_000 ? delay : 0), clearTimeout: (timer) => clearTimeout(timer) };
page.client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", ...options, debug: (line) => page.said.push(line) });
for (const event of events) page.client.on(event, (detail) => page.heard.push([event, detail.reason ?? detail.code].filter(Boolean).join(" ")));
// Whether the page was kept whole while its user was elsewhere; nothing until it is shown again.
addEventListener("pagehide", () => delete page.restored);
addEventListener("pageshow", ({ persisted }) => (page.restored = persisted));
