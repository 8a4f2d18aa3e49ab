// Everything but the client, over the whole module. The literal `new URL` is what bundlers look for.

import * as glue from "../../../pkg/evertoken.js";
import { decoding } from "../decode.js";
import { lazily } from "../module.js";
import { initOf, verifierOf, withTools } from "../tools.js";
import { loaded } from "./loaded.js";

/**
 * Whoever loads it has a client in it too, unless loading fails.
 * @param {import("../tools.js").Wasm} own
 */
const noted = (own) => {
  /** @type {import("../tools.js").Wasm} */
  const wasm = {
    ...own,
    ready: async (input) => {
      loaded.whole = wasm;
      try {
        return await own.ready(input);
      } catch (error) {
        delete loaded.whole;
        throw error;
      }
    },
  };
  return wasm;
};

const wasm = /* @__PURE__ */ noted(/* @__PURE__ */ lazily(glue, { later: () => new URL("../../../pkg/evertoken_bg.wasm", import.meta.url) }));

export const init = /* @__PURE__ */ initOf(wasm);
export const { decode, decodeSync, expiresIn, expiresInSync } = /* @__PURE__ */ decoding(wasm);
export const createVerifier = /* @__PURE__ */ verifierOf(wasm);
export const tooled = () => withTools(wasm);
