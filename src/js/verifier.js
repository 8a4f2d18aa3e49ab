// JS because it must be there before the wasm is: a verifier can be made, and asked, at once.

import { frozen, text, typed } from "./decode.js";
import { TokenError, tokenError } from "./errors.js";
import { remoteKeys } from "./remote.js";

/**
 * The public verifier around a handle that is made at its first use.
 * @param {import("./module.js").Wasm<any>} wasm
 * @param {(glue: any) => any} make
 */
export const verifierOf = (wasm, make) => {
  /** @type {any} */
  let handle;
  let disposed = false;
  let fetches = false;

  const open = (/** @type {any} */ glue) => {
    if (disposed) throw new TokenError({ code: "ERR_NOT_READY", message: "this verifier was disposed of; make a new one" });
    handle ??= typed(() => make(glue));
    fetches = handle.fetchesKeys;
    return handle;
  };
  // Only the handle is kept, never a promise of it: one request must not wait on another's.
  const opened = async () => handle ?? open(wasm.immediate ? wasm.sync() : await wasm.ready());

  const keys = remoteKeys(opened, wasm.isolated);
  /** Verifies with keys at hand, of whatever kind they are. */
  const withKeys = (/** @type {any} */ verifier, /** @type {string} */ token, /** @type {() => Promise<any>} */ use) =>
    fetches ? keys.around(verifier, token, use) : use();

  const verifySync = (/** @type {string} */ token, /** @type {object | undefined} */ perCall) =>
    typed(() => {
      const verifier = handle ?? open(wasm.sync());
      // For the calls to come: this one has what it has.
      if (fetches && !wasm.isolated) keys.atHand(verifier).catch(() => {});
      return frozen(verifier.verifySync(text(token), perCall));
    });

  const verify = async (/** @type {string} */ token, /** @type {object | undefined} */ perCall) => {
    const verifier = handle ?? (await opened());
    if (!fetches && verifier.prefersSync) return verifySync(token, perCall);
    try {
      return frozen(await withKeys(verifier, text(token), () => verifier.verify(text(token), perCall)));
    } catch (thrown) {
      throw tokenError(thrown);
    }
  };

  const verifySignature = async (/** @type {string | Uint8Array} */ jws) => {
    const verifier = await opened();
    try {
      const compact = jws instanceof Uint8Array ? new TextDecoder().decode(jws) : text(jws);
      const [header, payload] = await withKeys(verifier, compact, () => verifier.verifySignature(compact));
      return { header: frozen(header), payload };
    } catch (thrown) {
      throw tokenError(thrown);
    }
  };

  const dispose = () => {
    disposed = true;
    handle?.free();
    handle = undefined;
  };

  return Object.freeze({
    get ready() {
      const ready = opened()
        .then((verifier) => (fetches ? keys.atHand(verifier) : undefined))
        .catch((thrown) => {
          throw tokenError(thrown);
        });
      // Whoever does not wait for it gets no unhandled rejection: every method says the same.
      ready.catch(() => {});
      return ready;
    },
    verify,
    verifySync,
    verifySignature,
    dispose,
    ...(Symbol.dispose && { [Symbol.dispose]: dispose }),
  });
};

/** @param {import("./module.js").Wasm<any>} wasm */
export const verifying = (wasm) => ({
  createVerifier: (/** @type {object} */ options) => verifierOf(wasm, (glue) => new glue.Verifier(options)),
});
