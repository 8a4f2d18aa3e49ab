// Every refusal of the verifier, the signer and the keys, by its code and its fields, in any runtime.

import { equal, ok } from "./check.mjs";
import { SECRET, signers } from "./signed.mjs";
import { AT } from "./verifier_rows.mjs";

const LIVE = { exp: AT + 60, iat: AT };
const URL_OF_KEYS = "https://issuer.example/jwks";
/** Fields that an error has only where they apply. */
const FIELDS = ["claim", "reason", "option", "status", "retryAfter", "maxAuthAge"];

/**
 * What is done, and the error that it gives: `[name, wanted, act]`. `act` gets the entry, the signers and what makes a
 * verifier of their keys; what it was given that is secret, it adds to `secrets`.
 */
const rows = (/** @type {{ evertoken: any, HS256: any, ES256: any, secrets: string[] }} */ { evertoken, HS256, ES256, secrets }) => {
  const at = { now: () => AT * 1000 };
  const verifier = (/** @type {object} */ options = {}, keys = HS256.keys) => evertoken.createVerifier({ keys, ...at, ...options });
  const kept = (/** @type {string} */ token) => (secrets.push(...token.split(".").filter((part) => part.length > 8)), token);
  const token = async (claims = LIVE, header = {}, signer = HS256) => kept(await signer.sign(claims, header));
  /** Verifies what HS256 signed. */
  const refused = (claims, header = {}, options = {}) => async () => verifier(options).verify(await token(claims, header));
  const remote = (answer, options = {}) => async () =>
    verifier({}, { url: URL_OF_KEYS, fetch: answer, ...options }).verify(await token(LIVE, { kid: "a" }, ES256));
  const claim = (name, reason) => ({ code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: name, reason });
  const option = (name) => ({ code: "ERR_OPTIONS", option: name });

  return [
    ["expired", { code: "ERR_JWT_EXPIRED", claim: "exp", reason: "check_failed" }, refused({ exp: AT - 60 })],
    ["too old", { code: "ERR_JWT_EXPIRED", claim: "iat", reason: "check_failed" }, refused({ ...LIVE, iat: AT - 90 }, {}, { maxTokenAge: 60 })],
    ["not valid yet", claim("nbf", "check_failed"), refused({ ...LIVE, nbf: AT + 60 })],
    ["exp missing", claim("exp", "missing"), refused({})],
    ["exp no number", claim("exp", "invalid"), refused({ exp: "soon" })],
    ["another issuer", claim("iss", "check_failed"), refused({ ...LIVE, iss: "b" }, {}, { issuer: "a" })],
    ["no audience", claim("aud", "missing"), refused(LIVE, {}, { audience: "a" })],
    ["another subject", claim("sub", "check_failed"), refused({ ...LIVE, sub: "b" }, {}, { subject: "a" })],
    ["another typ", claim("typ", "check_failed"), refused(LIVE, { typ: "JWT" }, { typ: "at+jwt" })],
    ["a claim required", claim("tenant", "missing"), refused(LIVE, {}, { requiredClaims: ["tenant"] })],
    ["another nonce", claim("nonce", "check_failed"), refused({ ...LIVE, nonce: "b" }, {}, { nonce: "a" })],
    ["no sign-in", { code: "ERR_STEP_UP_REQUIRED", claim: "auth_time", reason: "missing", maxAuthAge: 60 }, refused(LIVE, {}, { maxAuthAge: 60 })],
    ["a weak sign-in", { code: "ERR_STEP_UP_REQUIRED", claim: "acr", reason: "check_failed" }, refused({ ...LIVE, acr: "1" }, {}, { acrValues: ["2"] })],

    ["no token", { code: "ERR_JWS_INVALID" }, () => verifier().verify("no token at all")],
    ["header twice", { code: "ERR_JWS_INVALID" }, () => verifier().verify(kept(`${btoa('{"alg":"HS256","alg":"none"}')}.e30.AAAA`).replaceAll("=", ""))],
    ["payload no object", { code: "ERR_JWT_INVALID" }, refused("[1]")],
    ["payload not encoded", { code: "ERR_JWT_INVALID", claim: "b64" }, refused(LIVE, { b64: false, crit: ["b64"] }, { crit: ["b64"] })],
    ["decoded, no token", { code: "ERR_JWT_INVALID" }, () => evertoken.decode("no token at all")],
    ["another signature", { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" }, async () => verifier().verify(kept((await token()).replace(/[^.]+$/, "A".repeat(43))))],
    ["another algorithm", { code: "ERR_JOSE_ALG_NOT_ALLOWED" }, async () => verifier().verify(await token(LIVE, {}, ES256))],
    ["an extension", { code: "ERR_JOSE_NOT_SUPPORTED", claim: "crit" }, refused(LIVE, { crit: ["x"], x: 1 })],

    ["key malformed", { code: "ERR_JWK_INVALID", claim: "x" }, () => verifier({}, { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" }).ready],
    ["secret too short", { code: "ERR_JWK_INVALID", claim: "k" }, () => verifier({}, { secret: new Uint8Array(8), alg: "HS256" }).ready],
    ["set malformed", { code: "ERR_JWKS_INVALID" }, () => verifier({}, { keys: 1 }).ready],
    ["key unknown", { code: "ERR_JWKS_NO_MATCHING_KEY" }, async () => verifier({}, { keys: [{ ...ES256.keys, kid: "a" }] }).verify(await token(LIVE, { kid: "b" }, ES256))],
    ["several keys", { code: "ERR_JWKS_MULTIPLE_MATCHING_KEYS" }, async () => verifier({}, { keys: [ES256.keys, ES256.keys] }).verify(await token(LIVE, {}, ES256))],
    ["keys late", { code: "ERR_JWKS_TIMEOUT" }, remote(() => new Promise((answer) => setTimeout(answer, 5000)), { timeout: 0.05 })],
    ["keys unreachable", { code: "ERR_JWKS_UNAVAILABLE" }, remote(() => Promise.reject(new TypeError("refused")))],
    ["keys not found", { code: "ERR_JWKS_UNAVAILABLE", status: 404 }, remote(async () => new Response("", { status: 404 }))],
    ["keys no set", { code: "ERR_JWKS_INVALID" }, remote(async () => new Response("<html>"))],

    ["keys missing", option("keys"), () => evertoken.createVerifier({}).ready],
    ["algorithm unknown", option("algorithms"), () => verifier({ algorithms: ["none"] }).ready],
    ["tolerance below zero", option("clockTolerance"), () => verifier({ clockTolerance: -1 }).ready],
    ["keys without TLS", option("keys.url"), () => verifier({}, { url: "http://issuer.example/jwks" }).ready],
    ["disposed", { code: "ERR_NOT_READY" }, async () => {
      const one = verifier();
      one.dispose();
      await one.verify(await token());
    }],
    ["keys not fetched", { code: "ERR_SYNC_UNAVAILABLE" }, async () => verifier({}, { url: URL_OF_KEYS, fetch: () => new Promise(() => {}) }).verifySync(await token(LIVE, {}, ES256))],
    ...("createSigner" in evertoken ? signing(evertoken, secrets) : [
      ["host alone", { code: "ERR_SYNC_UNAVAILABLE" }, async () => verifier().verifySync(await token())],
    ]),
  ];
};

/** What only `evertoken/edge` can be asked. */
const signing = (/** @type {any} */ edge, /** @type {string[]} */ secrets) => {
  const k = btoa(String.fromCharCode(...SECRET)).replaceAll("=", "");
  secrets.push(k);
  const key = { kty: "oct", k, alg: "HS256" };
  const option = (name) => ({ code: "ERR_OPTIONS", option: name });
  return [
    ["claims no object", { code: "ERR_JWT_INVALID" }, () => edge.createSigner({ key }).sign("sub")],
    ["a public key signs nothing", { code: "ERR_JWK_INVALID" }, async () => edge.createSigner({ key: edge.publicJwk(await edge.generateKey("ES256")) }).sign({})],
    ...["EdDSA", "ES256", "ES256K"].map((alg) => [`${alg}: another private part`, { code: "ERR_JWK_INVALID" }, async () => {
      const [one, other] = await Promise.all([edge.generateKey(alg), edge.generateKey(alg)]);
      secrets.push(one.x, other.d);
      await edge.createSigner({ key: { ...one, d: other.d } }).sign({});
    }]),
    ["a secret has no public part", { code: "ERR_JWK_INVALID" }, async () => edge.publicJwk(key)],
    ["a PEM of something else", { code: "ERR_JWK_INVALID" }, () => edge.importKey("-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----", "ES256")],
    ["key missing", option("key"), () => edge.createSigner({}).sign({})],
    ["life no number", option("expiresIn"), () => edge.createSigner({ key, expiresIn: "1h" }).sign({})],
    ["algorithm unknown to generateKey", option("alg"), () => edge.generateKey("none")],
    // Where node:crypto is, the host does it at once.
    ...(globalThis.process?.getBuiltinModule?.("node:crypto") ? [] : [["RSA signs on the host", { code: "ERR_JOSE_NOT_SUPPORTED" }, async () => edge.createSigner({ key: await edge.generateKey("RS256") }).signSync({})]]),
  ];
};

const RETRYABLE = ["ERR_JWKS_TIMEOUT", "ERR_JWKS_UNAVAILABLE"];

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime  `evertoken` is either entry */
export const testErrors = ({ test, evertoken }) => {
  test("errors: each has its code, its fields and a sentence, and none has a token or a key", async () => {
    /** @type {string[]} */
    const secrets = [];
    const { HS256, ES256 } = await signers();
    secrets.push(ES256.keys.x, ES256.keys.y);
    const wrong = [];
    for (const [name, wanted, act] of rows({ evertoken, HS256, ES256, secrets })) {
      try {
        const error = await Promise.resolve().then(act).then(() => undefined, (thrown) => thrown);
        ok(evertoken.isTokenError(error) && error.name === "TokenError" && error instanceof Error, `a TokenError, got ${error?.stack ?? error}`);
        equal(error.code, wanted.code, error.message);
        equal(error.retryable, RETRYABLE.includes(error.code), "retryable");
        for (const field of FIELDS) equal(error[field], wanted[field], field);
        ok(/ .+ /.test(error.message) && error.message.length < 200, `a sentence: ${error.message}`);
        const shown = JSON.stringify({ ...error, cause: String(error.cause), message: error.message, stack: error.stack });
        ok(!secrets.some((secret) => shown.includes(secret)), `a secret in ${error.code}`);
      } catch (failure) {
        wrong.push(`${name}: ${failure.message}`);
      }
    }
    equal(wrong.join("\n"), "");
  });

  if (evertoken.generateKey) {
    test("a key is made where the host fails twice, as WebKitGTK does at one Ed25519 key in 130", async () => {
      const { subtle } = crypto;
      const own = subtle.generateKey.bind(subtle);
      let fails = 2;
      /** @type {any} */ (subtle).generateKey = (/** @type {Parameters<typeof own>} */ ...given) =>
        fails-- > 0 ? Promise.reject(new DOMException("", "OperationError")) : own(...given);
      try {
        ok((await evertoken.generateKey("Ed25519")).d, "no private part");
        equal(fails, -1);
      } finally {
        delete /** @type {any} */ (subtle).generateKey;
      }
    });
  }
};
