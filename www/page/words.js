// What the page says of each thing that happens. No token, and no part of one, is ever written.

import { clock } from "./dom.js";
import { t } from "./language.js";

const reasons = new Set(["signedOut", "expired", "idle", "revoked", "reuse", "evicted", "storage", "replaced", "refused"]);

/** @param {string | undefined} reason */
export const endedBecause = (reason) => (reasons.has(reason) ? t(`reason.${reason}`) : t("reason.unknown"));

const until = ({ expiresAt }) => (expiresAt ? t("log.until", { time: clock(expiresAt) }) : "");
const seen = (snapshot) => ({ subject: snapshot.subject, generation: snapshot.generation, until: until(snapshot) });

/**
 * What the log says of the client's events: the name of a text and its values, so that it can be said in each language.
 * @type {Record<string, (snapshot: any, detail: any) => () => string>}
 */
export const words = {
  signedIn: (snapshot) => () => t("log.signedIn", seen(snapshot)),
  refreshed: (snapshot) => () => t("log.refreshed", seen(snapshot)),
  refreshDeferred: (snapshot, detail) => () => t("log.refreshDeferred", { why: (detail?.error ?? snapshot.lastError)?.message ?? t("log.noAnswer") }),
  expiring: (snapshot, detail) => () => t("log.expiring", { why: endedBecause(detail?.reason) }),
  sessionChanged: (snapshot) => () => t("log.sessionChanged", { subject: snapshot.subject ?? t("log.nobody") }),
  ended: (snapshot, detail) => () => t("log.ended", { why: endedBecause(detail?.reason ?? snapshot.endReason) }),
  warning: (snapshot, detail) => () => detail?.message ?? t("log.strange"),
};

/**
 * An entry of the history as a sentence.
 * @param {import("./history.js").Entry & any} entry
 */
export function sentence(entry) {
  const { kind, tab, type, generation, status, reason, how, due, foreign } = entry;
  if (kind === "server") {
    const known = ["issued", "refreshed", "replayed", "grace", "superseded", "reuse", "revoked", "evicted", "rollback"].includes(type);
    return t("entry.server", { what: known ? t(`server.${type}`, { generation }) : type, foreign: foreign ? t("entry.foreign") : "" });
  }
  const name = kind === "life" ? `entry.${how}` : `entry.${kind}`;
  return t(name, { tab, generation, status, why: kind === "ended" ? endedBecause(reason) : "", time: due ? clock(due) : "–" });
}
