// The log: what happened and when, newest first.

import { byId, clock, make } from "./dom.js";
import { spoken } from "./language.js";

const LONGEST = 200;
const looks = { signedIn: "good", refreshed: "good", refreshDeferred: "late", expiring: "late", warning: "late", ended: "bad", refused: "bad" };

/** How each line is said. @type {WeakMap<Element, () => string>} */
const said = new WeakMap();

/**
 * @param {string} event
 * @param {() => string} say  called anew for each language
 * @param {string} [look]
 */
export function journal(event, say, look = looks[event] ?? "") {
  const log = byId("log");
  const text = make("span", {}, say());
  said.set(text, say);
  log.prepend(make("li", { class: look, "data-event": event }, make("time", { datetime: new Date().toISOString() }, clock()), make("b", {}, event), text));
  while (log.childElementCount > LONGEST) log.lastElementChild?.remove();
}

/** Says all lines again when the language changes. */
export const translateJournal = () =>
  spoken(() => {
    for (const text of byId("log").querySelectorAll("span")) text.textContent = said.get(text)?.() ?? "";
  });
