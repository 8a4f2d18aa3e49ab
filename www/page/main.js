// The demo's page: one client, and the parts of the page that show what it does.

import { createClient } from "/evertoken/src/js/browser.js";
import { showApi } from "./api.js";
import { showChain } from "./chain.js";
import { showClaims } from "./claims.js";
import { showCountdown } from "./countdown.js";
import { showDevices } from "./devices.js";
import { byId } from "./dom.js";
import { showFaults } from "./faults.js";
import { createHistory } from "./history.js";
import { createHost } from "./host.js";
import { journal, translateJournal } from "./journal.js";
import { showKeys } from "./keys.js";
import { speak, spoken, t } from "./language.js";
import { showRole } from "./role.js";
import { serverEvents } from "./server-events.js";
import { showSignIn } from "./sign-in.js";
import { joinTabs } from "./tabs.js";
import { showTimeline } from "./timeline.js";
import { watch } from "./watch.js";
import { sentence, words } from "./words.js";

speak();

/** More than any fault looks at. */
const REQUESTS = 500;
/** The client's requests since a fault began. @type {import("./host.js").Seen[]} */
const requests = [];
const host = createHost((seen) => {
  requests.push(seen);
  if (requests.length > REQUESTS) requests.shift();
  watching.saw(seen);
});
const client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", sessionsEndpoint: "/sessions", clientId: "demo-page", host: host.given });

const history = createHistory();
const tabs = joinTabs(({ kind, entries, seconds }) => {
  if (kind === "entries") history.add(entries);
  // Who comes later is told what was before.
  else if (kind === "hello") tabs.say("entries", { entries: history.all() });
  else if (kind === "clock") host.setSkew(seconds * 1000);
  else if (kind === "renew") client.getAccessToken({ forceRefresh: true }).catch(() => {});
});
/** What the server told that an honest life without faults does not bring about. */
const noteworthy = { replayed: "", grace: "late", superseded: "late", rollback: "late", reuse: "bad", revoked: "bad", evicted: "bad" };
const server = serverEvents({
  client,
  tabs,
  history,
  tell: (entry) => entry.type in noteworthy && journal("server", () => sentence(entry), noteworthy[entry.type]),
});
const watching = watch({ client, host, tabs, history, server });
showTimeline({ client, host, tabs, history });

for (const event of ["signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"]) {
  client.on(event, (detail) => journal(event, words[event](client.getSnapshot(), detail), detail?.reason === "signedOut" ? "" : undefined));
}

const parts = [
  showSignIn(client, watching.signingIn), showCountdown(client, host), showChain(), showClaims(client, host), showDevices(client),
  showRole(client), showKeys(client), showApi(client), showFaults({ client, host, tabs, history, server, requests }),
];

// What a snapshot's status means to this page; while it is loading nothing is shown, so nothing flickers.
const signedIn = { active: true, refreshing: true, waiting: true, signedOut: false, ended: false };

/** @type {boolean | undefined} */
let wasSignedIn;
let wasWaiting = false;

/** What the client says, except that who waits for the network goes on waiting while the next try is under way. */
function standing() {
  const snapshot = client.getSnapshot();
  wasWaiting = snapshot.status === "waiting" || (wasWaiting && snapshot.status === "refreshing");
  return wasWaiting ? { ...snapshot, status: "waiting" } : snapshot;
}

function render() {
  const snapshot = standing();
  const here = signedIn[snapshot.status];
  document.body.dataset.status = snapshot.status;
  // While it is renewed somebody is signed in all the same; a screen reader need not hear of it.
  setText("status-text", t(`status.${snapshot.status === "refreshing" ? "active" : snapshot.status}`));
  for (const id of ["session", "account", "sign-out"]) byId(id).hidden = here !== true;
  byId("sign-in").hidden = here !== false;
  // What somebody saw here can still be looked at when they are signed out.
  if (here) byId("inspector").hidden = false;
  for (const part of parts) part(snapshot);

  // Focus follows the person from one half of the page to the other, and stays put at the first look.
  if (wasSignedIn !== undefined && here !== undefined && here !== wasSignedIn) byId(here ? "token-title" : "sign-in-title").focus();
  wasSignedIn = here ?? wasSignedIn;
}

// A live region that is written to is read out: only when it says something new.
function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

byId("sign-out").addEventListener("click", async () => {
  try {
    await client.signOut();
  } catch (error) {
    journal("warning", () => error.message);
  }
});

client.subscribe(render);
spoken(render);
translateJournal();
try {
  await client.ready;
  if (client.getSnapshot().status === "active") journal("page", () => t("log.found"));
} catch (error) {
  journal("warning", () => error.message);
}
render();
