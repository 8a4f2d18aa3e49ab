// JS because it chooses among modules before the second one is loaded: a verifier with another one behind it.

import { TokenError } from "./errors.js";

const wrong = (/** @type {string} */ message) => new TokenError({ code: "ERR_OPTIONS", message, option: "fallback" });

/** Whether the host could not compute it, which it says itself; an extension nobody understands has a `claim`. */
const isMissing = (/** @type {any} */ error) => error?.code === "ERR_JOSE_NOT_SUPPORTED" && error.claim === undefined;

/**
 * `createVerifier` with the option `fallback`: what the host cannot compute is asked of the module that it gives.
 * @param {(options: any) => any} createVerifier
 * @param {boolean} isolated  whether a request must not wait for what another one began
 */
export const withFallback = (createVerifier, isolated) => (/** @type {any} */ options) => {
  if (options?.fallback === undefined) return createVerifier(options);
  const { fallback, ...rest } = options;
  const host = createVerifier(rest);
  let disposed = false;
  /** @type {any} */
  let other;
  /** @type {Promise<any> | undefined} */
  let loading;

  const load = async () => {
    /** @type {any} */
    let module;
    try {
      module = await fallback();
    } catch (cause) {
      throw new TokenError({ code: "ERR_NOT_READY", message: "the option fallback could not load its module: is it served, and the network up?", retryable: true, cause });
    }
    if (typeof module?.createVerifier !== "function") throw wrong("fallback must give a module with createVerifier: () => import(\"evertoken/edge\")");
    // Who asked for no cache gets none by way of another entry's default.
    other ??= module.createVerifier({ ...rest, cache: rest.cache ?? false });
    if (disposed) other.dispose();
    return other;
  };
  // A failed load is forgotten, so that the next call tries again.
  const shared = () => (loading ??= load().finally(() => (loading = undefined)));
  const fallen = async () => other ?? (isolated ? load() : shared());

  const look = () => {
    if (typeof fallback !== "function") throw wrong("fallback must be a function: () => import(\"evertoken/edge\")");
  };

  const either = async (/** @type {(verifier: any) => Promise<any>} */ ask) => {
    look();
    try {
      return await ask(host);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return ask(await fallen());
  };

  const dispose = () => {
    disposed = true;
    host.dispose();
    other?.dispose();
  };

  return Object.freeze({
    get ready() {
      const ready = host.ready.then(look);
      ready.catch(() => {});
      return ready;
    },
    verify: (/** @type {string} */ token, /** @type {object | undefined} */ perCall) => either((verifier) => verifier.verify(token, perCall)),
    verifySync: (/** @type {string} */ token, /** @type {object | undefined} */ perCall) => {
      look();
      return host.verifySync(token, perCall);
    },
    verifySignature: (/** @type {string | Uint8Array} */ jws) => either((verifier) => verifier.verifySignature(jws)),
    dispose,
    ...(Symbol.dispose && { [Symbol.dispose]: dispose }),
  });
};
