// JS because a store is the host's business. For tests, development, and servers of one process.

/** Beyond this many records, those that are over are looked for at every so many writes. */
const SWEEP_EVERY = 1000;

/**
 * A store in this process's memory: gone when the process is, and known to no other.
 */
export const memoryStore = () => {
  /** @type {Map<string, { value: string, version: string, expiresAt: number }>} */
  const records = new Map();
  let writes = 0;

  const sweep = () => {
    const now = Date.now() / 1000;
    for (const [key, { expiresAt }] of records) if (expiresAt <= now) records.delete(key);
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
      // An end that has passed already is by another clock than this one, so it is no reason to forget.
      else records.set(key, { value, version, expiresAt: expiresAt * 1000 > Date.now() ? expiresAt : Infinity });
      if (writes % SWEEP_EVERY === 0) sweep();
      return /** @type {const} */ ({ ok: true, version });
    },
  });
};
