// JS because the user's own Redis client is. A record is one key, read and written by two Lua scripts:
// in a cluster each touches one slot, and a script is never sent to a replica, which may lag.

import { has, unsuitable } from "./binding.js";
import { keptUntil } from "./expiry.js";
import { wellFormed } from "./text.js";

/** A record is its version, of this length, and the value after it. */
const VERSION = 36;

const GET = "return redis.call('GET', KEYS[1])";

// Expected ('' for none), new version, end in milliseconds, and the value unless it shall go. A client that
// lost the connection may send a write again: our own version there means that the first one arrived.
const COMPARE_AND_SET = `
local found = redis.call('GET', KEYS[1])
local version = found and string.sub(found, 1, ${VERSION}) or ''
if version == ARGV[2] then return 1 end
if version ~= ARGV[1] then return 0 end
if #ARGV == 3 then redis.call('DEL', KEYS[1]) return 1 end
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[4])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1`;

/**
 * A store in Redis, Valkey, or what speaks like them.
 * @param {any} client  of node-redis (connected) or ioredis, for a server or a cluster
 * @param {{ prefix?: string }} [options]
 */
export const redisStore = (client, { prefix = "evertoken:" } = {}) => {
  const run = runner(client);
  const get = script(GET, run);
  const compareAndSet = script(COMPARE_AND_SET, run);

  return Object.freeze({
    capabilities: Object.freeze({ compareAndSet: /** @type {const} */ (true) }),

    get: async (/** @type {string} */ key) => {
      wellFormed(key);
      const found = await get(prefix + key);
      if (found === null) return null;
      const text = typeof found === "string" ? found : new TextDecoder("utf-8", { ignoreBOM: true }).decode(found);
      return { value: text.slice(VERSION), version: text.slice(0, VERSION) };
    },

    compareAndSet: async (
      /** @type {string} */ key,
      /** @type {string | null} */ expected,
      /** @type {string | null} */ value,
      /** @type {number} */ expiresAt,
    ) => {
      wellFormed(key, value ?? "");
      if (expected !== null && expected.length !== VERSION) return /** @type {const} */ ({ ok: false });
      // Random, so that it is never used twice, not even after the record was deleted and is made anew.
      const version = crypto.randomUUID();
      const more = value === null ? [] : [value];
      const written = await compareAndSet(prefix + key, expected ?? "", version, String(keptUntil(expiresAt)), ...more);
      return Number(written) === 1 ? /** @type {const} */ ({ ok: true, version }) : /** @type {const} */ ({ ok: false });
    },
  });
};

/** @typedef {(command: "eval" | "evalsha", script: string, key: string, values: string[]) => Promise<any>} Runner */

/**
 * The two families of clients differ in how a script is called.
 * @param {any} client
 * @returns {Runner}
 */
const runner = (client) => {
  if (has(client, "eval", "evalSha")) {
    return (command, script, key, values) => client[command === "eval" ? "eval" : "evalSha"](script, { keys: [key], arguments: values });
  }
  if (has(client, "eval", "evalsha", "defineCommand")) {
    return (command, script, key, values) => client[command](script, 1, key, ...values);
  }
  throw unsuitable("redisStore", "a client of node-redis or ioredis", client);
};

/**
 * A script that is sent as a whole only where the server does not know it yet.
 * @param {string} text
 * @param {Runner} run
 */
const script = (text, run) => {
  /** @type {string | undefined} */
  let name;
  return async (/** @type {string} */ key, /** @type {string[]} */ ...values) => {
    name ??= await sha1(text);
    try {
      return await run("evalsha", name, key, values);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return run("eval", text, key, values);
    }
  };
};

/** @param {string} text */
const sha1 = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
