// The keys that tokens are signed with, three of each algorithm, the same in every run; a new algorithm is a new row.

import { createECDH, createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { rsaKey } from "./rsa.mjs";

/** @typedef {Record<string, any>} Jwk */
/**
 * @typedef {object} Row
 * @property {string} alg
 * @property {number} weight  how many of the rounds are about it, which is less the more its signatures cost
 * @property {(seed: Buffer, which: number) => Jwk} jwk
 * @property {(jwk: Jwk, input: string) => Buffer} sign
 */

/** @type {Row[]} */
export const algorithms = [
  hmac("HS256", 60, [32, 48, 64]),
  hmac("HS384", 25, [48, 64, 50]),
  hmac("HS512", 25, [64, 65, 200]),
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((alg) => rsa(alg, 4)),
  ecdsa("ES256", 8, "P-256", "prime256v1", 32),
  ecdsa("ES384", 2, "P-384", "secp384r1", 48),
  ecdsa("ES512", 2, "P-521", "secp521r1", 66),
  ecdsa("ES256K", 4, "secp256k1", "secp256k1", 32),
  ed25519("EdDSA", 12),
  ed25519("Ed25519", 12),
  mlDsa("ML-DSA-44", 1, ml_dsa44),
  mlDsa("ML-DSA-65", 1, ml_dsa65),
  mlDsa("ML-DSA-87", 1, ml_dsa87),
];

export const names = algorithms.map(({ alg }) => alg);

/** Every algorithm as often as its weight says. */
export const weighted = algorithms.flatMap((row) => Array.from({ length: row.weight }, () => row));

export const rowOf = (alg) => algorithms.find((row) => row.alg === alg);

/** Which of `names` a key of this type, curve and length can be used with, whatever its `alg`. */
export function fitting(jwk) {
  if (jwk.kty === "oct") return names.filter((alg) => alg === "HS256" || (alg.startsWith("HS") && Buffer.from(`${jwk.k}`, "base64url").length * 8 >= Number(alg.slice(2))));
  if (jwk.kty === "AKP") return names.filter((alg) => alg === jwk.alg && alg.startsWith("ML-"));
  if (jwk.kty === "RSA") return names.filter((alg) => /^[RP]S/.test(alg));
  return algorithms.filter((row) => { const own = keysOf(row)[0]; return own.kty === jwk.kty && own.crv === jwk.crv; }).map(({ alg }) => alg);
}

const made = new Map();

/** The private keys of an algorithm. */
export function keysOf(row) {
  if (!made.has(row)) {
    const seed = (name) => createHash("sha512").update(`evertoken ${row.alg} ${name}`).digest();
    made.set(row, ["a", "b", "c"].map((name, which) => ({ ...row.jwk(seed(name), which), kid: `${row.alg} ${name}` })));
  }
  return made.get(row);
}

/** The members that must not leave the signer. */
export const secrets = ["d", "p", "q", "dp", "dq", "qi", "priv"];

/** The key as a verifier is given it: without the private part, where there is a public one. */
export function published(jwk) {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secrets.includes(name)));
}

/** The public key in PEM: as SPKI, or as RSA's own PKCS#1. */
export const pemOf = (jwk, type) => createPublicKey({ key: published(jwk), format: "jwk" }).export({ format: "pem", type }).toString();

/** @returns {Row} */
function hmac(alg, weight, lengths) {
  const stretched = (seed, length) => Buffer.concat([seed, seed, seed, seed]).subarray(0, length);
  return {
    alg,
    weight,
    jwk: (seed, which) => ({ kty: "oct", k: stretched(seed, lengths[which]).toString("base64url") }),
    sign: (jwk, input) => createHmac(`sha${alg.slice(2)}`, Buffer.from(jwk.k, "base64url")).update(input).digest(),
  };
}

/** All six share their keys: what a key may be used for is not in its numbers. @returns {Row} */
function rsa(alg, weight) {
  const padding = alg.startsWith("P") ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 } : {};
  return {
    alg,
    weight,
    jwk: (_, which) => rsaKey(which),
    sign: (jwk, input) => sign(`sha${alg.slice(2)}`, Buffer.from(input), { key: imported(jwk), ...padding }),
  };
}

/** @returns {Row} */
function ecdsa(alg, weight, crv, curve, length) {
  return {
    alg,
    weight,
    jwk(seed) {
      const secret = Buffer.concat([Buffer.alloc(Math.max(0, length - seed.length)), seed]).subarray(0, length);
      const pair = createECDH(curve);
      pair.setPrivateKey(secret);
      const point = pair.getPublicKey();
      const part = (from) => point.subarray(from, from + length).toString("base64url");
      return { kty: "EC", crv, x: part(1), y: part(1 + length), d: secret.toString("base64url") };
    },
    sign: (jwk, input) => sign(`sha${alg.slice(2, 5)}`, Buffer.from(input), { key: imported(jwk), dsaEncoding: "ieee-p1363" }),
  };
}

/** @returns {Row} */
function ed25519(alg, weight) {
  return {
    alg,
    weight,
    jwk(seed) {
      // PKCS#8 around the bare 32 bytes (RFC 8410, section 7).
      const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed.subarray(0, 32)]);
      return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ format: "jwk" });
    },
    sign: (jwk, input) => sign(null, Buffer.from(input), imported(jwk)),
  };
}

/** Node 20 has none: noble's is the other implementation here. @returns {Row} */
function mlDsa(alg, weight, noble) {
  const keys = new Map();
  return {
    alg,
    weight,
    jwk(seed) {
      const { publicKey } = noble.keygen(seed.subarray(0, 32));
      return { kty: "AKP", alg, pub: Buffer.from(publicKey).toString("base64url"), priv: seed.subarray(0, 32).toString("base64url") };
    },
    sign(jwk, input) {
      if (!keys.has(jwk.priv)) keys.set(jwk.priv, noble.keygen(Buffer.from(jwk.priv, "base64url")).secretKey);
      return Buffer.from(noble.sign(Buffer.from(input), keys.get(jwk.priv)));
    },
  };
}

const objects = new WeakMap();

function imported(jwk) {
  if (!objects.has(jwk)) objects.set(jwk, createPrivateKey({ key: jwk, format: "jwk" }));
  return objects.get(jwk);
}
