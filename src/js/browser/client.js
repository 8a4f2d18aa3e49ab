// The client, over a module that holds nothing else. The literal `new URL` is what bundlers look for.

import load, { __wbg_reset_state, Session } from "../../../pkg/evertoken_client.js";
import { clients } from "../client.js";
import { TokenError } from "../errors.js";
import { lazily } from "../module.js";
import { loaded } from "./loaded.js";

/** @typedef {import("../tools.js").Tooled} Tooled */

const small = /* @__PURE__ */ lazily(
  { default: load, __wbg_reset_state, Session },
  { later: () => fetch(new URL("../../../pkg/evertoken_client_bg.wasm", import.meta.url)) },
);

const fetched = async () => {
  try {
    return (await import("./later.js")).tooled();
  } catch (cause) {
    throw new TokenError({ code: "ERR_NOT_READY", message: "the option verify could not load its module: is it served, and the network up?", retryable: true, cause });
  }
};

/** The whole module for a client that verifies, which is fetched with its JavaScript. */
const verifying = () => {
  /** @type {Promise<Tooled> | undefined} */
  let coming;
  /** @type {Tooled | undefined} */
  let whole;
  const forget = (/** @type {unknown} */ error) => {
    // The next call tries again.
    coming = undefined;
    throw error;
  };
  return {
    ...small,
    ready: async () => (whole = await (coming ??= fetched().catch(forget))).ready(),
    epoch: () => /** @type {Tooled} */ (whole).epoch(),
    failed: (/** @type {unknown} */ thrown) => /** @type {Tooled} */ (whole).failed(thrown),
    get tools() {
      return /** @type {Tooled} */ (whole).tools;
    },
  };
};

export const createClient = /* @__PURE__ */ clients((options) => (options?.verify ? verifying() : (loaded.whole ?? small)));
