// JS because a Durable Object is a class that workerd calls. One object per key, so one per subject:
// all of its reads and writes happen in one place, one after the other.

import { DurableObject } from "cloudflare:workers";

/** What an object keeps under its one name. */
const RECORD = "record";

/**
 * The object that keeps one record. Export it from the worker, and bind it as a Durable Object.
 * @extends {DurableObject<unknown>}
 */
export class EvertokenStore extends DurableObject {
  async read() {
    return (await this.ctx.storage.get(RECORD)) ?? null;
  }

  /**
   * Nothing else runs in this object between the read and the write: storage closes the input gate.
   * @param {string | null} expected
   * @param {string | null} value
   * @param {number} expiresAt  Unix seconds
   */
  async compareAndSet(expected, value, expiresAt) {
    const { storage } = this.ctx;
    const record = await storage.get(RECORD);
    if ((record?.version ?? null) !== expected) return { ok: false };
    // Random, so that it is never used twice, not even after the record was deleted and is made anew.
    const version = crypto.randomUUID();
    if (value === null) await storage.deleteAll();
    else await storage.put(RECORD, { value, version });
    await this.forgetAt(value === null ? 0 : expiresAt);
    return { ok: true, version };
  }

  async alarm() {
    await this.ctx.storage.deleteAll();
  }

  /** @param {number} expiresAt */
  async forgetAt(expiresAt) {
    const at = expiresAt * 1000;
    // An end that has passed already is by another clock than this one, so it is no reason to forget.
    if (at > Date.now()) await this.ctx.storage.setAlarm(at);
    else await this.ctx.storage.deleteAlarm();
  }
}

/**
 * A store on Durable Objects.
 * @param {any} namespace  the binding of `EvertokenStore`
 */
export const durableObjectStore = (namespace) => {
  const object = (/** @type {string} */ key) => namespace.get(namespace.idFromName(key));
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
