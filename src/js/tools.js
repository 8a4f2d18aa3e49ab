// JS because it ties facades together: what one module gives to users is what a client checks tokens with.

import { decoding } from "./decode.js";
import { withFallback } from "./fallback.js";
import { verifying } from "./verifier.js";

/** @typedef {import("./module.js").Wasm<any>} Wasm */
/** @typedef {ReturnType<typeof withTools>} Tooled  a module that a client can verify with */

/** @param {Wasm} wasm */
export const initOf = (wasm) => async (/** @type {unknown} */ input) => void (await wasm.ready(input));

/** @param {Wasm} wasm */
export const verifierOf = (wasm) => withFallback(verifying(wasm).createVerifier, wasm.isolated);

/** @param {Wasm} wasm */
export const withTools = (wasm) => ({ ...wasm, tools: { ...decoding(wasm), createVerifier: verifierOf(wasm) } });
