// What is measured: for each operation, the ways to do it, each as a loop of n. The same in every runtime.

const ISSUER = "https://issuer.example";
const AUDIENCE = "https://api.example";

/** @typedef {{ group: string, name: string, run: (n: number) => void | Promise<void> }} Contestant */

const looped = (call) => (n) => {
  for (let i = 0; i < n; i++) call();
};
const awaited = (call) => async (n) => {
  for (let i = 0; i < n; i++) await call();
};

/**
 * @param {import("./material.mjs").Material} material
 * @param {{ edge: any, main: any, jose: any, fastJwt?: any, hono?: any, tsndr?: any }} libraries  those that this runtime has
 */
export async function contestants({ rows, claims }, libraries) {
  /** @type {Contestant[]} */
  const all = [];
  for (const row of rows) {
    const add = (group) => (name, run) => all.push({ group: `${row.alg} ${group}`, name, run });
    const keys = await cryptoKeys(row);
    await verifying(add("verify"), row, row.token, keys, libraries);
    await caching(add("verify cached"), row, libraries);
    await signing(add("sign"), row, claims, keys, libraries);
    if (row.alg !== "HS256") continue;
    for (const token of Object.values(row.sized)) await verifying(add(`verify, ${(token.length / 1024).toFixed(1)} KB`), row, token, keys, { ...libraries, hono: undefined, tsndr: undefined });
    refusing(add("refuse, expired"), row, row.expired, keys, libraries);
    refusing(add("refuse, signature"), row, `${row.token.slice(0, -8)}AAAAAAAA`, keys, libraries);
    decoding((group) => (name, run) => all.push({ group, name, run }), row, libraries);
  }
  return all;
}

/** Imported once, for those who take it: importing at each call would be an unfair comparison. */
async function cryptoKeys({ alg, privateJwk, publicJwk }) {
  const parameters = alg.startsWith("HS") ? { name: "HMAC", hash: `SHA-${alg.slice(2)}` }
    : alg.startsWith("ES") ? { name: "ECDSA", namedCurve: `P-${alg.slice(2)}` }
    : alg.startsWith("RS") ? { name: "RSASSA-PKCS1-v1_5", hash: `SHA-${alg.slice(2)}` }
    : alg.startsWith("PS") ? { name: "RSA-PSS", hash: `SHA-${alg.slice(2)}` }
    : { name: "Ed25519" };
  const take = (jwk, use) => crypto.subtle.importKey("jwk", jwk, parameters, true, [use]);
  return { verify: await take(publicJwk, "verify"), sign: await take(privateJwk, "sign") };
}

const rules = { issuer: ISSUER, audience: AUDIENCE };

function verifying(add, { alg, publicJwk, pem, privateJwk }, token, keys, { edge, main, jose, fastJwt, hono, tsndr }) {
  const options = { keys: { ...publicJwk, alg }, ...rules };
  const [inEdge, inMain] = [edge.createVerifier(options), main.createVerifier(options)];
  add("evertoken/edge, verifySync", looped(() => inEdge.verifySync(token)));
  add("evertoken/edge", awaited(() => inEdge.verify(token)));
  add("evertoken", awaited(() => inMain.verify(token)));
  add("jose", awaited(() => jose.jwtVerify(token, keys.verify, { ...rules, algorithms: [alg], requiredClaims: ["exp"] })));
  if (fastJwt) {
    const verify = fastJwt.createVerifier({ ...fastRules(alg), key: fastKey(pem?.public, privateJwk) });
    add("fast-jwt", looped(() => verify(token)));
  }
  if (hono) add("hono/jwt", awaited(() => hono.verify(token, keys.verify, { alg, iss: ISSUER, aud: AUDIENCE })));
  if (tsndr && alg !== "EdDSA") add("@tsndr/cloudflare-worker-jwt", awaited(() => tsndr.verify(token, keys.verify, { algorithm: alg, throwError: true })));
}

const fastRules = (alg) => ({ algorithms: [alg], allowedIss: ISSUER, allowedAud: AUDIENCE, requiredClaims: ["exp"], cache: false });
const fastKey = (pem, { k }) => pem ?? Buffer.from(k, "base64url");

function caching(add, { alg, publicJwk, pem, privateJwk, token }, { edge, fastJwt }) {
  const cached = ifKnown(() => edge.createVerifier({ keys: { ...publicJwk, alg }, ...rules, cache: 1000 }), token);
  if (!cached) return;
  add("evertoken/edge, verifySync", looped(() => cached.verifySync(token)));
  add("evertoken/edge", awaited(() => cached.verify(token)));
  if (!fastJwt) return;
  const verify = fastJwt.createVerifier({ ...fastRules(alg), key: fastKey(pem?.public, privateJwk), cache: 1000 });
  add("fast-jwt", looped(() => verify(token)));
}

/** The verifier, unless this release does not know one of its options. */
function ifKnown(make, token) {
  try {
    const verifier = make();
    verifier.verifySync(token);
    return verifier;
  } catch (error) {
    if (error.code === "ERR_OPTIONS") return undefined;
    throw error;
  }
}

function signing(add, { alg, privateJwk, pem }, claims, keys, { edge, jose, fastJwt, hono, tsndr }) {
  const { iat, exp, ...own } = claims;
  const signer = edge.createSigner({ key: { ...privateJwk, alg }, expiresIn: 300 });
  add("evertoken/edge, signSync", looped(() => signer.signSync(own)));
  add("evertoken/edge", awaited(() => signer.sign(own)));
  add("jose", awaited(() => new jose.SignJWT(own).setProtectedHeader({ alg, typ: "JWT" }).setIssuedAt().setExpirationTime("5m").sign(keys.sign)));
  if (fastJwt) {
    const sign = fastJwt.createSigner({ algorithm: alg, key: fastKey(pem?.private, privateJwk), expiresIn: 300_000 });
    add("fast-jwt", looped(() => sign(own)));
  }
  const dated = () => {
    const now = Math.floor(Date.now() / 1000);
    return { ...own, iat: now, exp: now + 300 };
  };
  if (hono) add("hono/jwt", awaited(() => hono.sign(dated(), keys.sign, alg)));
  if (tsndr && alg !== "EdDSA") add("@tsndr/cloudflare-worker-jwt", awaited(() => tsndr.sign(dated(), keys.sign, { algorithm: alg })));
}

/** Each refusal ends in an error that is caught, as a server would. */
function refusing(add, { alg, publicJwk, privateJwk }, token, keys, { edge, jose, fastJwt }) {
  const verifier = edge.createVerifier({ keys: { ...publicJwk, alg }, ...rules });
  const caught = (call) => () => {
    try {
      call();
    } catch {
      return;
    }
    throw new Error("this token should be refused");
  };
  add("evertoken/edge, verifySync", looped(caught(() => verifier.verifySync(token))));
  add("evertoken/edge", awaited(() => verifier.verify(token).then(() => Promise.reject(new Error("accepted")), () => {})));
  add("jose", awaited(() => jose.jwtVerify(token, keys.verify, { ...rules, algorithms: [alg] }).then(() => Promise.reject(new Error("accepted")), () => {})));
  if (fastJwt) {
    const verify = fastJwt.createVerifier({ ...fastRules(alg), key: fastKey(undefined, privateJwk) });
    add("fast-jwt", looped(caught(() => verify(token))));
  }
}

function decoding(add, { token }, { edge, jose, fastJwt, hono, tsndr }) {
  const decode = add("decode");
  decode("evertoken/edge", looped(() => edge.decodeSync(token)));
  decode("jose", looped(() => [jose.decodeProtectedHeader(token), jose.decodeJwt(token)]));
  if (fastJwt) {
    const complete = fastJwt.createDecoder({ complete: true });
    decode("fast-jwt", looped(() => complete(token)));
  }
  if (hono) decode("hono/jwt", looped(() => hono.decode(token)));
  if (tsndr) decode("@tsndr/cloudflare-worker-jwt", looped(() => tsndr.decode(token)));
  const expiresIn = add("expiresIn");
  expiresIn("evertoken/edge", looped(() => edge.expiresInSync(token)));
  expiresIn("jose", looped(() => jose.decodeJwt(token).exp - Date.now() / 1000));
}
