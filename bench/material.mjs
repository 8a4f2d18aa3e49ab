// Keys and tokens for every algorithm, made once and handed to each runtime as plain JSON; a new algorithm is a new row.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { SignJWT, importJWK } from "jose";
import { createSigner, generateKey, publicJwk } from "../src/js/edge/node.js";

/** @typedef {{ privateJwk: object, publicJwk: object, pem?: { private: string, public: string } }} Keys */

/** @type {Record<string, () => Keys | Promise<Keys>>} */
const algorithms = {
  HS256: secret(32),
  RS256: pair("rsa", { modulusLength: 2048 }),
  PS256: pair("rsa", { modulusLength: 2048 }),
  ES256: pair("ec", { namedCurve: "P-256" }),
  ES384: pair("ec", { namedCurve: "P-384" }),
  EdDSA: pair("ed25519"),
  // No peer here knows it, and Node 20 neither.
  "ML-DSA-44": own("ML-DSA-44"),
};

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "https://api.example";

/** @typedef {Awaited<ReturnType<typeof material>>} Material */

export async function material() {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER, aud: AUDIENCE, sub: "7f9c24e8-3b12-4a0e-9d5f-2c1b0a9e8d7c", client_id: "web", scope: "openid profile email",
    iat: now - 60, exp: now + 86_400, jti: "0bM2nVd4T1S7qkXx", sid: "dGhlIGhhbmRsZSBvZiBhIHVzZXI.c2Vzc2lvbiAxMg",
  };
  const rows = [];
  for (const [alg, make] of Object.entries(algorithms)) {
    const keys = await make();
    const key = alg.startsWith("ML") ? undefined : await importJWK(keys.privateJwk, alg);
    const token = (extra = {}) => (key ? new SignJWT({ ...claims, ...extra }).setProtectedHeader({ alg, typ: "JWT" }).sign(key) : signed(keys, claims));
    const others = alg === "HS256" && { expired: await token({ exp: now - 3600 }), sized: await sized(token) };
    rows.push({ alg, ...keys, token: await token(), ...others });
  }
  return { claims, rows };
}

function signed({ privateJwk: key }, { iat, exp, ...claims }) {
  return createSigner({ key, typ: "JWT", expiresIn: exp - iat }).sign(claims);
}

/** Tokens of about these lengths in KB, to see that cost follows length. */
async function sized(token) {
  /** @type {Record<string, string>} */
  const tokens = {};
  for (const kilobytes of [1, 8, 64]) tokens[kilobytes] = await token({ roles: Array.from({ length: kilobytes * 38 }, (_, at) => `role-number-${at}`) });
  return tokens;
}

function own(alg) {
  return async () => {
    const privateJwk = await generateKey(alg);
    return { privateJwk, publicJwk: publicJwk(privateJwk) };
  };
}

function secret(length) {
  return () => {
    const jwk = { kty: "oct", k: randomBytes(length).toString("base64url") };
    return { privateJwk: jwk, publicJwk: jwk };
  };
}

function pair(type, options) {
  return () => {
    const { privateKey, publicKey } = generateKeyPairSync(type, options);
    return {
      privateJwk: privateKey.export({ format: "jwk" }),
      publicJwk: publicKey.export({ format: "jwk" }),
      pem: { private: privateKey.export({ format: "pem", type: "pkcs8" }), public: publicKey.export({ format: "pem", type: "spki" }) },
    };
  };
}
