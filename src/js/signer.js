// JS because it must be there before the wasm is: a signer can be made, and asked, at once.

import { typed } from "./decode.js";
import { tokenError } from "./errors.js";

/** @param {import("./module.js").Wasm<any>} wasm */
export const signing = (wasm) => {
  const createSigner = (/** @type {object} */ options) => {
    /** @type {any} */
    let handle;
    const open = (/** @type {any} */ glue) => (handle ??= typed(() => new glue.Signer(options)));
    // Where the wasm can be had at once, wrong options are an error at once.
    if (wasm.immediate) open(wasm.sync());

    const signSync = (/** @type {object} */ claims, /** @type {object | undefined} */ perCall) =>
      typed(() => (handle ?? open(wasm.sync())).signSync(claims, perCall));
    const sign = async (/** @type {object} */ claims, /** @type {object | undefined} */ perCall) => {
      try {
        const signer = handle ?? open(await wasm.ready());
        const begun = signer.sign(claims, perCall);
        if (!Array.isArray(begun)) return await begun;
        const [input, answer] = begun;
        let signature;
        try {
          signature = await answer;
        } catch (cause) {
          throw signer.failed(cause);
        }
        return `${input}.${wasm.sync().base64url(new Uint8Array(signature))}`;
      } catch (thrown) {
        throw tokenError(thrown);
      }
    };
    return Object.freeze({ sign, signSync });
  };

  const generateKey = async (/** @type {string} */ alg, /** @type {object | undefined} */ options) => {
    const glue = await wasm.ready();
    try {
      return JSON.parse(await glue.generateKey(String(alg), options));
    } catch (thrown) {
      throw tokenError(thrown);
    }
  };

  const importKey = async (/** @type {string} */ pem, /** @type {string} */ alg, /** @type {object | undefined} */ options) => {
    const glue = await wasm.ready();
    try {
      return JSON.parse(await glue.importKey(String(pem), String(alg), options));
    } catch (thrown) {
      throw tokenError(thrown);
    }
  };

  const publicJwk = (/** @type {object} */ jwk) => typed(() => JSON.parse(wasm.sync().publicJwk(jwk)));

  const thumbprint = async (/** @type {object} */ jwk) => {
    const glue = await wasm.ready();
    return typed(() => glue.thumbprint(jwk));
  };

  return { createSigner, generateKey, importKey, publicJwk, thumbprint };
};
