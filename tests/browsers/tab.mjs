// In the page: a client by the options in the address, and what it told.

import { createClient } from "../../src/js/browser.js";

const given = new URLSearchParams(location.search);
const options = JSON.parse(given.get("client") ?? "{}");
// As on plain http, and as in older browsers.
if (given.has("without")) Object.defineProperty(navigator, "locks", { value: undefined });
if (given.get("without") === "both") delete globalThis.BroadcastChannel;
const events = ["signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"];
const page = /** @type {any} */ (globalThis);
page.heard = [];
page.client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", ...options });
for (const event of events) page.client.on(event, (detail) => page.heard.push([event, detail.reason ?? detail.code].filter(Boolean).join(" ")));
// Whether the page was kept whole while its user was elsewhere; nothing until it is shown again.
addEventListener("pagehide", () => delete page.restored);
addEventListener("pageshow", ({ persisted }) => (page.restored = persisted));
