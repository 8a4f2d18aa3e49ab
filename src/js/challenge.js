// JS because only here is it known whether something is a TokenError: the rule is in the wasm.

import { typed } from "./decode.js";
import { isTokenError } from "./errors.js";

/** @param {import("./module.js").Wasm<any>} wasm */
export const challenging = (wasm) => ({
  challenge: (/** @type {unknown} */ error, /** @type {object | undefined} */ options) =>
    typed(() => wasm.sync().challenge(isTokenError(error) ? error : {}, options)),
});
