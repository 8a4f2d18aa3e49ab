// JS because loading comes before any wasm runs: one wasm module, loaded at first use.

import { TokenError } from "./errors.js";

/**
 * @template Glue
 * @typedef {object} Wasm
 * @property {(input?: unknown) => Promise<Glue>} ready  loads it, from `input` where given
 * @property {() => Glue} sync  the glue at once, or `ERR_NOT_READY`
 * @property {boolean} immediate  whether `sync` can load it by itself
 * @property {boolean} isolated  whether a request must not wait for what another one began
 * @property {() => number} epoch  counts the instances: what was made in an earlier one is gone
 * @property {(thrown: unknown) => boolean} failed  whether this is a trap; then there is a new instance from here on
 */

/**
 * @template {{ default: Function, initSync?: Function, __wbg_reset_state?: () => void }} Glue
 * @param {Glue} glue  what wasm-bindgen generated
 * @param {{ now?: () => BufferSource | WebAssembly.Module, later?: () => unknown, isolated?: boolean }} source
 *   where its bytes are: `now` where the runtime can load them synchronously, else `later`;
 *   `isolated` where promises must not be shared among requests
 * @returns {Wasm<Glue>}
 */
export const lazily = (glue, { now, later, isolated = false }) => {
  let loaded = false;
  let epoch = 0;
  /** @type {Promise<Glue> | undefined} */
  let loading;

  const sync = () => {
    if (!loaded) {
      if (!now) throw new TokenError({ code: "ERR_NOT_READY", message: "the wasm module is not loaded yet: await init() first" });
      glue.initSync?.({ module: now() });
      loaded = true;
    }
    return glue;
  };

  const load = async (/** @type {unknown} */ input) => {
    const given = typeof input === "function" ? await input() : input;
    await glue.default({ module_or_path: given ?? later?.() });
    loaded = true;
    return glue;
  };

  const ready = (/** @type {unknown} */ input) => {
    if (loaded || (now && input === undefined)) return Promise.resolve().then(sync);
    // A failed load is forgotten, so that the next call tries again.
    return (loading ??= load(input).catch((cause) => {
      loading = undefined;
      throw new TokenError({ code: "ERR_NOT_READY", message: "the wasm module could not be loaded: is its URL right, and does the CSP allow 'wasm-unsafe-eval'?", retryable: true, cause });
    }));
  };

  /** A trap leaves the instance as it was in the midst of something: nobody may rely on what is in it. */
  const failed = (/** @type {unknown} */ thrown) => {
    const traps = thrown instanceof WebAssembly.RuntimeError && glue.__wbg_reset_state !== undefined;
    if (traps) {
      glue.__wbg_reset_state?.();
      epoch++;
    }
    return traps;
  };

  return { ready, sync, immediate: now !== undefined, isolated, epoch: () => epoch, failed };
};
