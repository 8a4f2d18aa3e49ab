// JS because stores are: what somebody handed over where a store wants its database.

import { TokenError } from "../errors.js";

/** @type {[kind: string, ...members: string[]][]} */
const kinds = [
  ["a store already: pass it to createIssuer as it is", "compareAndSet"],
  ["a Workers KV namespace, which has no compare-and-set and answers up to a minute late, so it can keep no sessions", "getWithMetadata"],
  ["a session of a D1 database, which may read from a replica that lags: pass the database itself", "getBookmark"],
  ["a D1 database, for which there is d1Store", "prepare", "batch"],
  ["a Durable Object namespace, for which there is durableObjectStore", "idFromName"],
  ["a node-redis client, for which there is redisStore", "evalSha"],
  ["an ioredis client, for which there is redisStore", "evalsha", "defineCommand"],
  ["a Deno KV database, for which there is denoKvStore", "atomic"],
  ["an R2 bucket, which can keep no sessions", "createMultipartUpload"],
];

/**
 * Whether it has all these methods, and does not just say yes to any name, as stubs and service bindings do.
 * @param {any} given
 * @param {...string} members
 */
export const has = (given, ...members) =>
  given !== null && given !== undefined && !method(given, NOBODYS) && members.every((member) => method(given, member));

const NOBODYS = "no method has this name";

/** @param {any} given @param {string} name */
const method = (given, name) => typeof given[name] === "function";

/**
 * The error for a database of the wrong kind: says what was given, and what is wanted.
 * @param {string} adapter
 * @param {string} wanted
 * @param {unknown} given
 */
export const unsuitable = (adapter, wanted, given) =>
  new TokenError({ code: "ERR_STORE_UNSUITABLE", message: `${adapter} takes ${wanted}; this is ${kind(given)}` });

/** @param {any} given */
const kind = (given) => {
  if (given === undefined || given === null) return "nothing: is the binding named so?";
  if (method(given, NOBODYS)) return "a service binding or the stub of an object";
  return kinds.find(([, ...members]) => has(given, ...members))?.[0] ?? "something else";
};
