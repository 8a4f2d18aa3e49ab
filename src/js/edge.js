// JS because the wasm must be loaded before it can offer anything: the public functions of `evertoken/edge`.

import { challenging } from "./challenge.js";
import { decoding } from "./decode.js";
import { issuing } from "./issuer.js";
import { limiting } from "./limiter.js";
import { signing } from "./signer.js";
import { verifying } from "./verifier.js";

/**
 * Everything that `evertoken/edge` exports, over one wasm module.
 * @param {import("./module.js").Wasm<any>} wasm
 */
export const bind = (wasm) => ({
  init: async (/** @type {unknown} */ input) => {
    await wasm.ready(input);
  },
  ...decoding(wasm),
  ...verifying(wasm),
  ...signing(wasm),
  ...challenging(wasm),
  ...issuing(wasm),
  ...limiting(wasm),
});
