// The demo's signing keys and refresh secret: made once, kept in a file that git ignores.

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const secretsFile = fileURLToPath(new URL("../.dev.vars", import.meta.url));

/**
 * Makes the file unless it is there, and what a file of before lacks; says whether it did.
 * @param {string} [file]
 */
export function ensureSecrets(file = secretsFile) {
  const lines = [`SIGNING_KEY='${JSON.stringify(es256())}'`, `REFRESH_SECRET='${randomBytes(32).toString("base64url")}'`];
  try {
    // "wx": two starts at once must not each make a key and leave one of them with the other's file.
    writeFileSync(file, `${[...lines, moreKeys()].join("\n")}\n`, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (/^MORE_SIGNING_KEYS=/m.test(readFileSync(file, "utf8"))) return false;
    appendFileSync(file, `${moreKeys()}\n`);
    return true;
  }
}

/** The keys that the issuer can change to while it runs. */
const moreKeys = () => `MORE_SIGNING_KEYS='${JSON.stringify([ed25519(), rs256()])}'`;

const es256 = () => signingKey("ES256", generateKeyPairSync("ec", { namedCurve: "P-256" }), ["crv", "kty", "x", "y"]);
const ed25519 = () => signingKey("EdDSA", generateKeyPairSync("ed25519"), ["crv", "kty", "x"]);
const rs256 = () => signingKey("RS256", generateKeyPairSync("rsa", { modulusLength: 2048 }), ["e", "kty", "n"]);

function signingKey(alg, { privateKey }, required) {
  const jwk = privateKey.export({ format: "jwk" });
  // RFC 7638: the required members in this order and nothing else.
  const thumb = JSON.stringify(Object.fromEntries(required.map((name) => [name, jwk[name]])));
  return { ...jwk, kid: createHash("sha256").update(thumb).digest("base64url"), alg, use: "sig" };
}
