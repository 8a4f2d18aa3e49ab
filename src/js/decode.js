// JS because the host's own JSON.parse makes the objects, and freezes them cheapest.

import { tokenError } from "./errors.js";

/** @param {any} value */
export const deepFreeze = (value) => {
  if (value !== null && typeof value === "object") {
    for (const key in value) deepFreeze(value[key]);
    Object.freeze(value);
  }
  return value;
};

/**
 * What the wasm gives as JSON, as plain, deeply frozen objects.
 * @param {string} json
 */
export const frozen = (json) => deepFreeze(JSON.parse(json));

/**
 * A token as the wasm takes it: what is no string is no token, and is refused there.
 * @param {unknown} token
 */
export const text = (token) => (typeof token === "string" ? token : "");

/**
 * Runs `call`, with whatever the wasm throws made a TokenError.
 * @template T
 * @param {() => T} call
 */
export const typed = (call) => {
  try {
    return call();
  } catch (thrown) {
    throw tokenError(thrown);
  }
};

/** @param {import("./module.js").Wasm<any>} wasm */
export const decoding = (wasm) => {
  const decodeSync = (/** @type {string} */ token) => typed(() => frozen(wasm.sync().decode(text(token))));
  const expiresInSync = (/** @type {string} */ token, /** @type {object | undefined} */ options) =>
    typed(() => wasm.sync().expiresIn(text(token), options) ?? null);
  return {
    decodeSync,
    expiresInSync,
    decode: async (/** @type {string} */ token) => {
      await wasm.ready();
      return decodeSync(token);
    },
    expiresIn: async (/** @type {string} */ token, /** @type {object | undefined} */ options) => {
      await wasm.ready();
      return expiresInSync(token, options);
    },
  };
};
