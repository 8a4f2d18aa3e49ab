// JS because a Durable Object is a class that workerd calls. One object per key, so one per subject:
// all of its reads and writes happen in one place, one after the other.

import { DurableObject } from "cloudflare:workers";
import { has, unsuitable } from "./binding.js";
import { keptUntil } from "./expiry.js";
import { wellFormed } from "./text.js";

/** What an object keeps under its one name. */
const RECORD = "record";

/**
 * The object that keeps one record. Export it from the worker, and bind it as a Durable Object.
 * @extends {DurableObject<unknown>}
 */
export class EvertokenStore extends DurableObject {
  async read() {
    const record = await this.ctx.storage.get(RECORD);
    return record ? { value: record.value, version: record.version } : null;
  }

  /**
   * Nothing else runs in this object between the reads and the writes: storage closes the input gate.
   * @param {string | null} expected
   * @param {string | null} value
   * @param {number} expiresAt  Unix seconds
   */
  async compareAndSet(expected, value, expiresAt) {
    const { storage } = this.ctx;
    const [record, alarm] = await Promise.all([storage.get(RECORD), storage.getAlarm()]);
    if ((record?.version ?? null) !== expected) return { ok: false };
    // Random, so that it is never used twice, not even after the record was deleted and is made anew.
    const version = crypto.randomUUID();
    // Writes without an await between them are kept together or not at all.
    const writes = [];
    if (value === null) {
      writes.push(storage.deleteAlarm(), storage.deleteAll());
    } else {
      const until = keptUntil(expiresAt);
      writes.push(storage.put(RECORD, { value, version, until }));
      // An alarm that comes too early sets the next one by itself, which costs less than moving it at every write.
      if (alarm === null || alarm > until) writes.push(storage.setAlarm(until));
    }
    await Promise.all(writes);
    return { ok: true, version };
  }

  /** Deletes what has ended; what was written since then is asked again when it ends. */
  async alarm() {
    const { storage } = this.ctx;
    const record = await storage.get(RECORD);
    if (record?.until > Date.now()) await storage.setAlarm(record.until);
    else await storage.deleteAll();
  }
}

/**
 * A store on Durable Objects.
 * @param {any} namespace  the binding of `EvertokenStore`
 */
export const durableObjectStore = (namespace) => {
  if (!has(namespace, "idFromName", "get")) throw unsuitable("durableObjectStore", "the binding of a Durable Object namespace", namespace);
  const object = (/** @type {string} */ key) => {
    wellFormed(key);
    return namespace.get(namespace.idFromName(key));
  };
  return Object.freeze({
    capabilities: Object.freeze({ compareAndSet: /** @type {const} */ (true) }),
    get: async (/** @type {string} */ key) => await object(key).read(),
    compareAndSet: async (
      /** @type {string} */ key,
      /** @type {string | null} */ expected,
      /** @type {string | null} */ value,
      /** @type {number} */ expiresAt,
    ) => await object(key).compareAndSet(expected, value, expiresAt),
  });
};
