// A host as it will be: ES256K and ML-DSA in WebCrypto, which Node 20 lacks, computed by OpenSSL and by noble.
// So jose and the engine on WebCrypto answer for these too. Importing this changes both for the whole process.

import { createPublicKey, verify } from "node:crypto";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";

/** @typedef {{ publicKey: (jwk: any) => any, verify: (key: any, signature: Uint8Array, data: Uint8Array) => boolean }} Computed */

/** @type {Record<string, Computed>} */
const computed = {
  secp256k1: {
    publicKey({ kty, crv, x, y }) {
      if (crv !== "secp256k1") throw new DOMException("a key of another curve", "DataError");
      return createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
    },
    verify: (key, signature, data) => signature.length === 64 && verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature),
  },
  "ML-DSA-44": mlDsa("ML-DSA-44", ml_dsa44),
  "ML-DSA-65": mlDsa("ML-DSA-65", ml_dsa65),
  "ML-DSA-87": mlDsa("ML-DSA-87", ml_dsa87),
};

/** @returns {Computed} */
function mlDsa(alg, noble) {
  return {
    publicKey(jwk) {
      const bytes = Buffer.from(jwk.pub, "base64url");
      if (jwk.kty !== "AKP" || jwk.alg !== alg || bytes.length !== noble.lengths.publicKey) throw new DOMException("no key of this size", "DataError");
      return bytes;
    },
    verify: (key, signature, data) => signature.length === noble.lengths.signature && noble.verify(signature, data, key),
  };
}

const held = new WeakMap();
const { prototype } = Object.getPrototypeOf(crypto.subtle).constructor;
const own = { importKey: prototype.importKey, verify: prototype.verify };
const kind = (algorithm) => computed[algorithm?.name === "ECDSA" ? algorithm.namedCurve : algorithm?.name];

Object.assign(prototype, {
  async importKey(format, jwk, algorithm, extractable, usages) {
    const mine = format === "jwk" && kind(algorithm);
    if (!mine) return own.importKey.apply(this, arguments);
    if (jwk.d || jwk.priv || usages.join() !== "verify") throw new DOMException("a public key verifies, and that is all", "SyntaxError");
    const key = { [Symbol.toStringTag]: "CryptoKey", type: "public", algorithm, extractable, usages };
    held.set(key, [mine, mine.publicKey(jwk)]);
    return Object.freeze(key);
  },
  async verify(algorithm, key, signature, data) {
    const mine = held.get(key);
    return mine ? mine[0].verify(mine[1], signature, data) : own.verify.apply(this, arguments);
  },
});

// jose once had ES256K; its table is all that it takes.
const { JWS } = await import(new URL("./lib/jws_algorithms.js", import.meta.resolve("jose")).href);
JWS.ES256K = { alg: "ES256K", kty: ["EC"], crv: "secp256k1", subtle: { name: "ECDSA", namedCurve: "secp256k1" }, signing: { name: "ECDSA", hash: "SHA-256" }, usages: [["verify"], ["sign"]] };

// Or one without `node:crypto` for the verifier, so that what is compared are wasm and WebCrypto; NODE_CRYPTO=1 compares it.
if (!process.env.NODE_CRYPTO) process.getBuiltinModule = undefined;
