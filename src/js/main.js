// JS because it ties facades together: everything that `evertoken` exports, over one wasm module.

import { clients } from "./client.js";
import { decoding } from "./decode.js";
import { withFallback } from "./fallback.js";
import { verifying } from "./verifier.js";

/**
 * @param {import("./module.js").Wasm<any>} wasm
 * @param {import("./client/fetch.js").Follow} [follow]  where redirects are not followed by a browser
 */
export const bind = (wasm, follow) => {
  const createVerifier = withFallback(verifying(wasm).createVerifier, wasm.isolated);
  const tools = { ...decoding(wasm), createVerifier };
  return {
    init: async (/** @type {unknown} */ input) => void (await wasm.ready(input)),
    ...tools,
    ...clients(wasm, tools, follow),
  };
};
