// The demo's signing key and refresh secret: made once, kept in a file that git ignores.

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const secretsFile = fileURLToPath(new URL("../.dev.vars", import.meta.url));

/**
 * Makes the file unless it is there; says whether it did.
 * @param {string} [file]
 */
export function ensureSecrets(file = secretsFile) {
  const lines = [`SIGNING_KEY='${JSON.stringify(signingKey())}'`, `REFRESH_SECRET='${randomBytes(32).toString("base64url")}'`];
  try {
    // "wx": two starts at once must not each make a key and leave one of them with the other's file.
    writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { crv, d, kty, x, y } = privateKey.export({ format: "jwk" });
  // RFC 7638: the required members in this order and nothing else.
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
  return { kty, crv, x, y, d, kid, alg: "ES256", use: "sig" };
}
