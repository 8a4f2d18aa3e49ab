// What the issuer told of each session, so that its owner can look: the last few events, and no token among them.

import { keep } from "./kept.js";

const LONGEST = 40;
/** Seconds that the events of a session stay after its last one. */
const KEPT = 86_400;

const key = (session) => `events:${session}`;

/**
 * @param {import("evertoken/edge").Store} store
 * @param {import("evertoken/edge").IssuerEvent} event
 */
export async function record(store, { type, sessionId, generation, foreign }) {
  if (sessionId === undefined) return;
  const at = Date.now() / 1000;
  const add = (value) => {
    const events = value === undefined ? [] : JSON.parse(value);
    const number = (events.at(-1)?.number ?? 0) + 1;
    return JSON.stringify([...events, { number, type, generation, foreign, at }].slice(-LONGEST));
  };
  await keep(store, key(sessionId), add, KEPT);
}

/** @param {import("evertoken/edge").Store} store @param {string} session */
export const eventsOf = async (store, session) => JSON.parse((await store.get(key(session)))?.value ?? "[]");
