// JS because it must be there before the wasm is: a verifier can be made, and asked, at once.

import { rulesOf, tokenCache } from "./cache.js";
import { frozen, text, typed } from "./decode.js";
import { TokenError, tokenError } from "./errors.js";
import { remoteKeys } from "./remote.js";

/**
 * What a verification comes to that may have to wait: for the host to take the key in, for its answer, for the store.
 * @param {any} step  what the wasm gave
 */
const settled = async (step) => {
  const begun = await step;
  if (!begun.answer) return begun;
  let valid;
  try {
    valid = await begun.answer;
  } catch (cause) {
    throw begun.failed(cause);
  }
  return begun.finish(valid);
};

/**
 * The public verifier around a handle that is made at its first use.
 * @param {import("./module.js").Wasm<any>} wasm
 * @param {(glue: any) => any} make
 */
export const verifierOf = (wasm, make) => {
  /** @type {any} */
  let handle;
  /** The instance that it was made in. */
  let epoch = 0;
  let disposed = false;
  let fetches = false;
  let asks = false;
  /** @type {ReturnType<typeof tokenCache> | undefined} */
  let cache;
  let generation = 0;
  /** The last header, as text and as users get it: the next token's is mostly the same. */
  let lastHead = "";
  /** @type {any} */
  let header;
  /** @type {(() => unknown) | undefined} */
  let clock;

  const held = () => (epoch === wasm.epoch() ? handle : undefined);
  const open = (/** @type {any} */ glue) => {
    if (disposed) throw new TokenError({ code: "ERR_NOT_READY", message: "this verifier was disposed of; make a new one" });
    if (held()) return handle;
    handle = typed(() => make(glue));
    epoch = wasm.epoch();
    fetches = handle.fetchesKeys;
    asks = handle.asks ?? false;
    clock = handle.clock;
    if (handle.capacity > 0) cache = tokenCache(handle.capacity);
    return handle;
  };
  // Only the handle is kept, never a promise of it: one request must not wait on another's.
  const opened = async () => held() ?? open(wasm.immediate ? wasm.sync() : await wasm.ready());
  /** What is there by now: while keys were fetched, the verifier may have been disposed of. */
  const current = () => held() ?? open(wasm.sync());

  const keys = remoteKeys(opened, wasm.isolated);
  /** Verifies with keys at hand, of whatever kind they are. */
  const withKeys = (/** @type {any} */ verifier, /** @type {string} */ token, /** @type {() => any} */ use) =>
    fetches ? keys.around(verifier, token, use) : use();

  /** Unix seconds; what is wrong with the user's own clock is said when nothing is found. */
  const seconds = () => {
    if (!clock) return Date.now() / 1000;
    try {
      const now = clock();
      return typeof now === "number" ? now / 1000 : NaN;
    } catch {
      return NaN;
    }
  };

  /** What was kept of this token, unless the keys are others by now. */
  const found = (/** @type {any} */ verifier, /** @type {string} */ token, /** @type {string | undefined} */ rules) => {
    if (!cache || rules === undefined) return undefined;
    if (fetches && verifier.generation !== generation) {
      cache.clear();
      generation = verifier.generation;
    }
    return cache.find(token, rules, seconds());
  };

  /** The answer as users get it, kept where that is wanted and the keys are still those it was found with. */
  const answered = (/** @type {string} */ texts, /** @type {string} */ token, /** @type {string | undefined} */ rules, /** @type {number} */ keySet, /** @type {boolean} */ sync) => {
    const [head, claims, window] = texts.split("\0");
    if (head !== lastHead) header = frozen((lastHead = head));
    const answer = Object.freeze({ header, claims: frozen(claims) });
    if (cache && window && rules !== undefined && keySet === generation) cache.keep(token, rules, answer, JSON.parse(window), sync);
    return answer;
  };

  const verifySync = (/** @type {string} */ token, /** @type {object | undefined} */ perCall) =>
    typed(() => {
      const verifier = held() ?? open(wasm.sync());
      const given = text(token);
      const rules = cache && rulesOf(perCall);
      let usable = true;
      if (fetches) {
        // For the calls to come: this one has what it has.
        if (!wasm.isolated) keys.atHand(verifier).catch(() => {});
        // Odd where there are none until a fetch ends.
        usable = !(verifier.keysNeeded() & 1);
      }
      const kept = usable ? found(verifier, given, rules) : undefined;
      if (kept?.sync) return kept.value;
      return answered(verifier.verifySync(given, perCall), given, rules, generation, true);
    });

  /** Asks the store once more about a token that is kept. */
  const still = async (/** @type {any} */ verifier, /** @type {any} */ kept, /** @type {string} */ token, /** @type {object | undefined} */ perCall) => {
    try {
      await verifier.still(token, perCall);
      return kept.value;
    } catch (thrown) {
      cache?.drop(kept);
      throw thrown;
    }
  };

  /** With keys at hand: the answer, or a promise of it. */
  const checked = (/** @type {any} */ verifier, /** @type {string} */ token, /** @type {object | undefined} */ perCall) => {
    const rules = cache && rulesOf(perCall);
    const kept = found(verifier, token, rules);
    if (kept) return asks ? still(verifier, kept, token, perCall) : kept.value;
    const keySet = generation;
    const step = verifier.verify(token, perCall);
    if (typeof step === "string") return answered(step, token, rules, keySet, true);
    return settled(step).then((json) => answered(json, token, rules, keySet, false));
  };

  const verify = async (/** @type {string} */ token, /** @type {object | undefined} */ perCall) => {
    const verifier = held() ?? (await opened());
    const given = text(token);
    try {
      return await withKeys(verifier, given, () => checked(current(), given, perCall));
    } catch (thrown) {
      wasm.failed(thrown);
      throw tokenError(thrown);
    }
  };

  const verifySignature = async (/** @type {string | Uint8Array} */ jws) => {
    const verifier = await opened();
    try {
      const compact = jws instanceof Uint8Array ? new TextDecoder().decode(jws) : text(jws);
      const [header, payload] = await withKeys(verifier, compact, async () => settled(current().verifySignature(compact)));
      return { header: frozen(header), payload };
    } catch (thrown) {
      throw tokenError(thrown);
    }
  };

  const dispose = () => {
    disposed = true;
    cache?.clear();
    cache = undefined;
    held()?.free();
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
