// The log: what happened and when, newest first.

import { byId, clock, make } from "./dom.js";

const LONGEST = 200;
const looks = { signedIn: "good", refreshed: "good", refreshDeferred: "late", expiring: "late", warning: "late", ended: "bad", refused: "bad" };

/**
 * @param {string} event
 * @param {string} text
 * @param {string} [look]
 */
export function journal(event, text, look = looks[event] ?? "") {
  const log = byId("log");
  log.prepend(
    make("li", { class: look, "data-event": event }, make("time", { datetime: new Date().toISOString() }, clock()), make("b", {}, event), make("span", {}, text)),
  );
  while (log.childElementCount > LONGEST) log.lastElementChild?.remove();
}
