// JS because it is the host's: clocks, timers, randomness and requests, each of which may be replaced.

import { TokenError } from "../errors.js";

/** @typedef {ReturnType<typeof hostOf>} Host */

/** @param {any} given  the parts that were replaced */
export const hostOf = (given) => {
  const now = given.now ?? Date.now;
  return {
    now,
    /** A host without one has the wall clock only. */
    monotonic: given.monotonic ?? (() => globalThis.performance?.now() ?? now()),
    /** Where jitter starts from; nothing secret depends on it. */
    random: given.random ?? Math.random,
    /** @param {RequestInfo | URL} input @param {RequestInit} [init] @returns {Promise<Response>} */
    fetch: async (input, init) => (given.fetch ?? fetch)(input, init),
    /** @param {() => void} run @param {number} delay  milliseconds */
    setTimeout: (run, delay) => (given.setTimeout ?? setTimeout)(run, delay),
    /** Timers of a host that sets but cannot clear them fire for nothing. */
    clearTimeout: given.clearTimeout ?? (given.setTimeout ? () => {} : (/** @type {any} */ timer) => clearTimeout(timer)),
    /** Not there on plain http, nor where there are no tabs. */
    locks: given.locks ?? globalThis.navigator?.locks,
    /** @param {string} name @returns {{ postMessage: (message: any) => void, onmessage: any, close: () => void, unref?: () => void } | undefined} */
    channel: (name) => (given.channel ? given.channel(name) : globalThis.BroadcastChannel && new BroadcastChannel(name)),
    /** What tokens and attempts are named with: always the host's own, secure source. One character a byte. */
    entropy: () => {
      try {
        return String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)));
      } catch (cause) {
        throw new TokenError({ code: "ERR_JOSE_NOT_SUPPORTED", message: "the host gives no secure random numbers", cause });
      }
    },
  };
};
