// The demo's page: one client, and the parts of the page that show what it does.

import { createClient } from "/evertoken/src/js/browser.js";
import { showApi } from "./api.js";
import { showChain } from "./chain.js";
import { showClaims } from "./claims.js";
import { showCountdown } from "./countdown.js";
import { showDevices } from "./devices.js";
import { byId } from "./dom.js";
import { journal } from "./journal.js";
import { showRole } from "./role.js";
import { showSignIn } from "./sign-in.js";
import { words } from "./words.js";

const client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", sessionsEndpoint: "/sessions", clientId: "demo-page" });

for (const event of ["signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"]) {
  client.on(event, (detail) => journal(event, words[event](client.getSnapshot(), detail), detail?.reason === "signedOut" ? "" : undefined));
}

const signIn = showSignIn(client);
const parts = [signIn, showCountdown(client), showChain(), showClaims(client), showDevices(client), showRole(client), showApi(client)];

// What a snapshot's status means to this page; while it is loading nothing is shown, so nothing flickers.
const signedIn = { active: true, refreshing: true, waiting: true, signedOut: false, ended: false };
const titles = {
  loading: "Starting",
  signedOut: "Signed out",
  active: "Signed in",
  refreshing: "Signed in", // the dial says the rest; a screen reader need not hear of every renewal twice
  waiting: "Waiting for the network",
  ended: "Session ended",
};

/** @type {boolean | undefined} */
let wasSignedIn;

function render() {
  const snapshot = client.getSnapshot();
  const here = signedIn[snapshot.status];
  document.body.dataset.status = snapshot.status;
  setText("status-text", titles[snapshot.status]);
  for (const id of ["session", "account", "sign-out", "try"]) byId(id).hidden = here !== true;
  byId("sign-in").hidden = here !== false;
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
    journal("warning", error.message);
  }
});

client.subscribe(render);
render();
try {
  await client.ready;
  if (client.getSnapshot().status === "active") journal("page", "Page opened: the session was found in storage");
} catch (error) {
  journal("warning", error.message);
}
render();
