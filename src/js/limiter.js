// JS because it must be there before the wasm is: counting itself is the wasm's.

import { text, typed } from "./decode.js";
import { tokenError } from "./errors.js";

/** @param {import("./module.js").Wasm<any>} wasm */
export const limiting = (wasm) => ({
  createAttemptLimiter: (/** @type {object} */ options) => {
    /** @type {any} */
    let handle;
    const open = (/** @type {any} */ glue) => (handle ??= typed(() => new glue.AttemptLimiter(options)));
    // Where the wasm can be had at once, wrong options are an error at once.
    if (wasm.immediate) open(wasm.sync());

    const asked = (/** @type {"take" | "reset"} */ call) => async (/** @type {string} */ key) => {
      const limiter = handle ?? open(await wasm.ready());
      try {
        await limiter[call](text(key));
      } catch (thrown) {
        throw tokenError(thrown);
      }
    };

    return Object.freeze({ take: asked("take"), reset: asked("reset") });
  },
});
