// JS because it ties facades together: everything that `evertoken` exports, over one wasm module.

import { clients } from "./client.js";
import { initOf, withTools } from "./tools.js";

/**
 * @param {import("./module.js").Wasm<any>} wasm
 * @param {import("./client/fetch.js").Follow} [follow]  where redirects are not followed by a browser
 */
export const bind = (wasm, follow) => {
  const whole = withTools(wasm);
  return { init: initOf(wasm), ...whole.tools, createClient: clients(() => whole, follow) };
};
