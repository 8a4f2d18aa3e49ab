// JS because a store is the host's business. For tests, development, and servers of one process.

import { keptUntil } from "./expiry.js";

/** After this many writes, records that are over are looked for. */
const SWEEP_EVERY = 1000;

/**
 * A store in this process's memory: gone when the process is, and known to no other.
 */
export const memoryStore = () => {
  /** @type {Map<string, { value: string, version: string, until: number }>} */
  const records = new Map();
  let writes = 0;

  const sweep = () => {
    const now = Date.now();
    for (const [key, { until }] of records) if (until <= now) records.delete(key);
  };

  return Object.freeze({
    capabilities: Object.freeze({ compareAndSet: /** @type {const} */ (true) }),

    get: async (/** @type {string} */ key) => {
      const record = records.get(key);
      return record ? { value: record.value, version: record.version } : null;
    },

    compareAndSet: async (
      /** @type {string} */ key,
      /** @type {string | null} */ expected,
      /** @type {string | null} */ value,
      /** @type {number} */ expiresAt,
    ) => {
      if ((records.get(key)?.version ?? null) !== expected) return /** @type {const} */ ({ ok: false });
      // Never used twice, not even by a key that was deleted in between.
      const version = String(++writes);
      if (value === null) records.delete(key);
      else records.set(key, { value, version, until: keptUntil(expiresAt) });
      if (writes % SWEEP_EVERY === 0) sweep();
      return /** @type {const} */ ({ ok: true, version });
    },
  });
};
