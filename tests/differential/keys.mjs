// The keys that tokens are signed with, three of each algorithm, the same in every run; a new algorithm is a new row.

import { createECDH, createHash, createHmac, createPrivateKey, sign } from "node:crypto";

/** @typedef {Record<string, any>} Jwk */
/** @typedef {{ alg: string, jwk: (seed: Buffer) => Jwk, sign: (jwk: Jwk, input: string) => Buffer }} Row */

/** @type {Row[]} */
export const algorithms = [
  hmac("HS256", 32),
  ecdsa("ES256", "P-256", "prime256v1", 32),
  ecdsa("ES384", "P-384", "secp384r1", 48),
  ed25519("EdDSA"),
  ed25519("Ed25519"),
];

export const names = algorithms.map(({ alg }) => alg);

/** Which of `names` a key of this type and curve can be used with. */
export const fitting = (jwk) =>
  algorithms.filter((row) => { const own = keysOf(row)[0]; return own.kty === jwk.kty && own.crv === jwk.crv; }).map(({ alg }) => alg);

const made = new Map();

/** The private keys of an algorithm. */
export function keysOf(row) {
  if (!made.has(row)) {
    const seed = (name) => createHash("sha512").update(`evertoken ${row.alg} ${name}`).digest();
    made.set(row, ["a", "b", "c"].map((name) => ({ ...row.jwk(seed(name)), kid: `${row.alg} ${name}` })));
  }
  return made.get(row);
}

/** The key as a verifier is given it: without the private part, where there is a public one. */
export function published(jwk) {
  if (jwk.kty === "oct") return { ...jwk };
  const { d, ...rest } = jwk;
  return rest;
}

/** @returns {Row} */
function hmac(alg, length) {
  return {
    alg,
    jwk: (seed) => ({ kty: "oct", k: seed.subarray(0, length).toString("base64url") }),
    sign: (jwk, input) => createHmac(`sha${alg.slice(2)}`, Buffer.from(jwk.k, "base64url")).update(input).digest(),
  };
}

/** @returns {Row} */
function ecdsa(alg, crv, curve, length) {
  return {
    alg,
    jwk(seed) {
      const pair = createECDH(curve);
      pair.setPrivateKey(seed.subarray(0, length));
      const point = pair.getPublicKey();
      const part = (from) => point.subarray(from, from + length).toString("base64url");
      return { kty: "EC", crv, x: part(1), y: part(1 + length), d: seed.subarray(0, length).toString("base64url") };
    },
    sign: (jwk, input) => sign(`sha${alg.slice(2, 5)}`, Buffer.from(input), { key: imported(jwk), dsaEncoding: "ieee-p1363" }),
  };
}

/** @returns {Row} */
function ed25519(alg) {
  return {
    alg,
    jwk(seed) {
      // PKCS#8 around the bare 32 bytes (RFC 8410, section 7).
      const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed.subarray(0, 32)]);
      return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ format: "jwk" });
    },
    sign: (jwk, input) => sign(null, Buffer.from(input), imported(jwk)),
  };
}

const objects = new WeakMap();

function imported(jwk) {
  if (!objects.has(jwk)) objects.set(jwk, createPrivateKey({ key: jwk, format: "jwk" }));
  return objects.get(jwk);
}
