// The whole module, for everybody who needs it. The literal `new URL` is what bundlers look for.

import * as glue from "../../../pkg/evertoken.js";
import { lazily } from "../module.js";
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

export const whole = /* @__PURE__ */ noted(/* @__PURE__ */ lazily(glue, { later: () => fetch(new URL("../../../pkg/evertoken_bg.wasm", import.meta.url)) }));
