// What the log says about each of the client's events. No token, and no part of one, is ever written.

import { clock } from "./dom.js";

const reasons = {
  signedOut: "you signed out",
  expired: "its longest time is over",
  idle: "it was not used for too long",
  revoked: "it was revoked",
  reuse: "an old refresh token of it was used again",
  evicted: "too many others of yours were started",
  storage: "the browser's storage was cleared",
  replaced: "somebody else signed in",
  refused: "the server refused to renew it",
};

/** @param {string | undefined} reason */
export const endedBecause = (reason) => reasons[reason] ?? reason ?? "the server said so";

const until = ({ expiresAt }) => (expiresAt ? `, good until ${clock(expiresAt)}` : "");

/** @type {Record<string, (snapshot: any, detail: any) => string>} */
export const words = {
  signedIn: (snapshot) => `Signed in as ${snapshot.subject}: generation ${snapshot.generation}${until(snapshot)}`,
  refreshed: (snapshot) => `Renewed: generation ${snapshot.generation}${until(snapshot)}`,
  refreshDeferred: (snapshot, detail) => `Put off: ${(detail?.error ?? snapshot.lastError)?.message ?? "the server did not answer"}`,
  expiring: (snapshot, detail) => `The access token is the last one: ${endedBecause(detail?.reason)}`,
  sessionChanged: (snapshot) => `Another session took its place: ${snapshot.subject ?? "nobody"}`,
  ended: (snapshot, detail) => `The session ended: ${endedBecause(detail?.reason ?? snapshot.endReason)}`,
  warning: (snapshot, detail) => detail?.error?.message ?? "Something is not as it should be",
};
