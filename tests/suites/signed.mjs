// Tokens signed by the runtime's own WebCrypto, so that a suite needs no other library to make them.

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const encode = (text) => new TextEncoder().encode(text);

export const SECRET = new Uint8Array(32).fill(7);

/** What each algorithm signs with, and the `keys` that verify it. */
export const signers = async () => {
  const { subtle } = crypto;
  const shared = await subtle.importKey("raw", SECRET, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", pair.publicKey);
  const by = (alg, algorithm, key) => async (payload, header = {}) => {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    const input = `${base64url(encode(JSON.stringify({ alg, ...header })))}.${base64url(encode(text))}`;
    return `${input}.${base64url(new Uint8Array(await subtle.sign(algorithm, key, encode(input))))}`;
  };
  return {
    HS256: { keys: { secret: SECRET, alg: "HS256" }, joseKey: SECRET, sign: by("HS256", "HMAC", shared) },
    ES256: { keys: { kty, crv, x, y }, joseKey: pair.publicKey, sign: by("ES256", { name: "ECDSA", hash: "SHA-256" }, pair.privateKey) },
  };
};
