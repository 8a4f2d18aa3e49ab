// JS because Deno KV is an object of its host.

import { TokenError } from "../errors.js";
import { has, unsuitable } from "./binding.js";
import { keptUntil } from "./expiry.js";
import { wellFormed } from "./text.js";

/** Bytes that Deno KV takes for a value. */
const MOST = 65_536;

/** Two seconds of waiting at most. */
const TRIES = 10;

/**
 * A store in Deno KV.
 * @param {any} kv  what `Deno.openKv()` gave
 * @param {{ prefix?: string }} [options]
 */
export const denoKvStore = (kv, { prefix = "evertoken" } = {}) => {
  if (!has(kv, "get", "atomic")) throw unsuitable("denoKvStore", "what Deno.openKv() gives", kv);

  const named = (/** @type {string} */ key) => {
    wellFormed(key);
    return [prefix, key];
  };

  return Object.freeze({
    capabilities: Object.freeze({ compareAndSet: /** @type {const} */ (true) }),

    get: async (/** @type {string} */ key) => {
      const { value, versionstamp } = await kv.get(named(key), { consistency: "strong" });
      return versionstamp === null ? null : { value: new TextDecoder("utf-8", { ignoreBOM: true }).decode(value), version: String(versionstamp) };
    },

    compareAndSet: async (
      /** @type {string} */ key,
      /** @type {string | null} */ expected,
      /** @type {string | null} */ value,
      /** @type {number} */ expiresAt,
    ) => {
      const name = named(key);
      // Deno throws at what is no versionstamp; no record has such a version.
      if (expected !== null && !/^[0-9a-f]{20}$/.test(expected)) return /** @type {const} */ ({ ok: false });
      const change = kv.atomic().check({ key: name, versionstamp: expected });
      if (value === null) change.delete(name);
      else change.set(name, encoded(value), { expireIn: Math.max(1, keptUntil(expiresAt) - Date.now()) });
      const { ok, versionstamp } = await unlocked(() => change.commit());
      return ok ? /** @type {const} */ ({ ok: true, version: String(versionstamp) }) : /** @type {const} */ ({ ok: false });
    },
  });
};

/**
 * In a file, a write is refused while another process writes; nothing has happened then, so it is tried again.
 * @param {() => Promise<any>} write
 */
const unlocked = async (write) => {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (tries === TRIES || !/database is locked/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** tries));
    }
  }
};

/**
 * As UTF-8, which counts as other stores count; refuses what is too large before anything is written.
 * @param {string} value
 */
const encoded = (value) => {
  wellFormed(value);
  const bytes = new TextEncoder().encode(value);
  if (bytes.length <= MOST) return bytes;
  throw new TokenError({ code: "ERR_STORE", message: `Deno KV takes values of 64 KiB and this record has ${bytes.length} bytes: allow fewer sessions per subject, or put less into them` });
};
