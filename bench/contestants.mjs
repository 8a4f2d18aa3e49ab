// What is measured: for each operation, the ways to do it, each as a loop of n. The same in every runtime.

const ISSUER = "https://issuer.example";
const AUDIENCE = "https://api.example";

/** @typedef {{ group: string, name: string, run: (n: number) => void | Promise<void>, aside?: boolean }} Contestant `aside`: for the targets, not for the table */

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
    const add = (group) => (name, run, aside) => all.push({ group: `${row.alg} ${group}`, name, run, ...(aside && { aside }) });
    const keys = await cryptoKeys(row);
    const able = peersOf(row.alg, keys, libraries);
    verifying(add("verify"), row, row.token, keys, able);
    if (cachedToo.includes(row.alg)) caching(add, row, able, keys);
    signing(add("sign"), row, claims, keys, able);
    if (row.alg !== "HS256") continue;
    for (const token of Object.values(row.sized)) verifying(add(`verify, ${(token.length / 1024).toFixed(1)} KB`), row, token, keys, { ...able, hono: undefined, tsndr: undefined });
    const changed = `${row.token.slice(0, -8)}AAAAAAAA`;
    refusing(add("refuse, expired"), row, row.expired, keys, able);
    refusing(add("refuse, signature"), row, changed, keys, able);
    erring(add("refusing beside accepting"), row, [row.token, row.expired, changed], able);
    decoding((group) => (name, run) => all.push({ group, name, run }), row, able);
  }
  return those(all);
}

/** What a cache saves depends little on the algorithm: the cheapest and a dear one will do. */
const cachedToo = ["HS256", "ES256"];

/** The libraries that know the algorithm, as far as this runtime lets them. */
function peersOf(alg, keys, { edge, main, jose, fastJwt, hono, tsndr }) {
  const isMlDsa = alg.startsWith("ML");
  return {
    edge,
    main,
    jose: keys ? jose : undefined,
    fastJwt: isMlDsa ? undefined : fastJwt,
    hono: isMlDsa ? undefined : hono,
    tsndr: isMlDsa || alg === "EdDSA" || alg.startsWith("PS") ? undefined : tsndr,
  };
}

/** Imported once, for those who take it: importing at each call would be an unfair comparison. */
async function cryptoKeys({ alg, privateJwk, publicJwk }) {
  const parameters = alg.startsWith("HS") ? { name: "HMAC", hash: `SHA-${alg.slice(2)}` }
    : alg.startsWith("ES") ? { name: "ECDSA", namedCurve: `P-${alg.slice(2)}` }
    : alg.startsWith("RS") ? { name: "RSASSA-PKCS1-v1_5", hash: `SHA-${alg.slice(2)}` }
    : alg.startsWith("PS") ? { name: "RSA-PSS", hash: `SHA-${alg.slice(2)}` }
    : { name: alg === "EdDSA" ? "Ed25519" : alg };
  const take = (jwk, use) => crypto.subtle.importKey("jwk", jwk, parameters, true, [use]);
  try {
    return { verify: await take(publicJwk, "verify"), sign: await take(privateJwk, "sign") };
  } catch (error) {
    if (error.name === "NotSupportedError") return undefined;
    throw error;
  }
}

/** What this release or this runtime cannot do is left out, and is not an error. */
const MISSING = ["ERR_OPTIONS", "ERR_JOSE_NOT_SUPPORTED", "ERR_SYNC_UNAVAILABLE"];

async function those(all) {
  const able = [];
  for (const one of all) {
    try {
      await one.run(1);
      able.push(one);
    } catch (error) {
      if (!MISSING.includes(error.code)) throw Object.assign(error, { message: `${one.group}, ${one.name}: ${error.message}` });
    }
  }
  return able;
}

const rules = { issuer: ISSUER, audience: AUDIENCE };

function verifying(add, { alg, publicJwk, pem, privateJwk }, token, keys, { edge, main, jose, fastJwt, hono, tsndr }) {
  const options = { keys: { ...publicJwk, alg }, ...rules, cache: false };
  const [inEdge, inMain] = [edge.createVerifier(options), main.createVerifier(options)];
  add("evertoken/edge, verifySync", looped(() => inEdge.verifySync(token)));
  add("evertoken/edge", awaited(() => inEdge.verify(token)));
  add("evertoken", awaited(() => inMain.verify(token)));
  if (jose) add("jose", awaited(() => jose.jwtVerify(token, keys.verify, { ...rules, algorithms: [alg], requiredClaims: ["exp"] })));
  if (fastJwt) {
    const verify = fastJwt.createVerifier({ ...fastRules(alg), key: fastKey(pem?.public, privateJwk) });
    add("fast-jwt", looped(() => verify(token)));
  }
  if (hono) add("hono/jwt", awaited(() => hono.verify(token, keys.verify, { alg, iss: ISSUER, aud: AUDIENCE })));
  if (tsndr) add("@tsndr/cloudflare-worker-jwt", awaited(() => tsndr.verify(token, keys.verify, { algorithm: alg, throwError: true })));
}

const fastRules = (alg) => ({ algorithms: [alg], allowedIss: ISSUER, allowedAud: AUDIENCE, requiredClaims: ["exp"], cache: false });
const fastKey = (pem, { k }) => pem ?? Buffer.from(k, "base64url");

/** The same string each time, whose hash the host may know by then, and a new one each time, cut from a header. */
function caching(add, { alg, publicJwk, pem, privateJwk, token }, { edge, jose, fastJwt }, keys) {
  const verifier = edge.createVerifier({ keys: { ...publicJwk, alg }, ...rules, cache: 1000 });
  const fast = fastJwt?.createVerifier({ ...fastRules(alg), key: fastKey(pem?.public, privateJwk), cache: 1000 });
  const header = `Bearer ${token}`;
  for (const [group, given] of [["verify cached", () => token], ["verify cached, fresh string", () => header.slice(7)]]) {
    const row = add(group);
    row("evertoken/edge, verifySync", looped(() => verifier.verifySync(given())));
    row("evertoken/edge", awaited(() => verifier.verify(given())));
    if (jose) row("jose", awaited(() => jose.jwtVerify(given(), keys.verify, { ...rules, algorithms: [alg], requiredClaims: ["exp"] })));
    if (fast) row("fast-jwt", looped(() => fast(given())));
  }
}

function signing(add, { alg, privateJwk, pem }, claims, keys, { edge, jose, fastJwt, hono, tsndr }) {
  const { iat, exp, ...own } = claims;
  const signer = edge.createSigner({ key: { ...privateJwk, alg }, expiresIn: 300 });
  add("evertoken/edge, signSync", looped(() => signer.signSync(own)));
  add("evertoken/edge", awaited(() => signer.sign(own)));
  if (jose) add("jose", awaited(() => new jose.SignJWT(own).setProtectedHeader({ alg, typ: "JWT" }).setIssuedAt().setExpirationTime("5m").sign(keys.sign)));
  if (fastJwt) {
    const sign = fastJwt.createSigner({ algorithm: alg, key: fastKey(pem?.private, privateJwk), expiresIn: 300_000 });
    add("fast-jwt", looped(() => sign(own)));
  }
  const dated = () => {
    const now = Math.floor(Date.now() / 1000);
    return { ...own, iat: now, exp: now + 300 };
  };
  if (hono) add("hono/jwt", awaited(() => hono.sign(dated(), keys.sign, alg)));
  if (tsndr) add("@tsndr/cloudflare-worker-jwt", awaited(() => tsndr.sign(dated(), keys.sign, { algorithm: alg })));
}

const caught = (call) => () => {
  try {
    call();
  } catch {
    return;
  }
  throw new Error("this token should be refused");
};

/** Each refusal ends in an error that is caught, as a server would. */
function refusing(add, { alg, publicJwk, privateJwk }, token, keys, { edge, jose, fastJwt }) {
  const verifier = edge.createVerifier({ keys: { ...publicJwk, alg }, ...rules });
  add("evertoken/edge, verifySync", looped(caught(() => verifier.verifySync(token))));
  add("evertoken/edge", awaited(() => verifier.verify(token).then(() => Promise.reject(new Error("accepted")), () => {})));
  add("jose", awaited(() => jose.jwtVerify(token, keys.verify, { ...rules, algorithms: [alg] }).then(() => Promise.reject(new Error("accepted")), () => {})));
  if (fastJwt) {
    const verify = fastJwt.createVerifier({ ...fastRules(alg), key: fastKey(undefined, privateJwk) });
    add("fast-jwt", looped(caught(() => verify(token))));
  }
}

/** Refused beside accepted in the same rounds, and what it costs to make, throw and catch the error: what is no token is refused at its first letter. */
function erring(add, { alg, publicJwk }, [good, expired, changed], { edge }) {
  const verifier = edge.createVerifier({ keys: { ...publicJwk, alg }, ...rules, cache: false });
  add("accepted", looped(() => verifier.verifySync(good)), true);
  add("expired", looped(caught(() => verifier.verifySync(expired))), true);
  add("signature", looped(caught(() => verifier.verifySync(changed))), true);
  add("error", looped(caught(() => verifier.verifySync("!"))), true);
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
