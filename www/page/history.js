// What happened to the session, in all tabs and at the server: kept over a reload, and shared with new tabs.

import { keep, recall } from "./memory.js";

const KEPT = "demo:history";
const MOST = 400;

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} kind  life, unauthorized, lost, refused, deferred, signedIn, ended, server
 * @property {number} at  Unix seconds
 * @property {string} [tab]  its letter; none for what the server told
 */

export function createHistory() {
  /** @type {Map<string, Entry>} */
  const entries = new Map(JSON.parse(recall("sessionStorage", KEPT) ?? "[]").map((entry) => [entry.id, entry]));
  /** @type {Set<() => void>} */
  const listening = new Set();

  addEventListener("pagehide", () => keep("sessionStorage", KEPT, JSON.stringify([...entries.values()].slice(-MOST / 2))));

  return {
    /** Those that are new; gives them back. @param {Entry[]} told */
    add: (told) => {
      const fresh = told.filter(({ id }) => !entries.has(id));
      for (const entry of fresh) entries.set(entry.id, entry);
      if (fresh.length === 0) return fresh;
      const sorted = [...entries.values()].sort((a, b) => a.at - b.at).slice(-MOST);
      entries.clear();
      for (const entry of sorted) entries.set(entry.id, entry);
      for (const tell of listening) tell();
      return fresh;
    },
    /** In order of time. */
    all: () => [...entries.values()],
    onChange: (tell) => void listening.add(tell),
  };
}
