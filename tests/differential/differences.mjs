// Where evertoken and jose are known to answer differently, and why. There are no others: a case that
// differs without being described here fails the run, and so does a description that no case needs.

import { UNFIT_KEY } from "./readers.mjs";

/** @typedef {import("./readers.mjs").Outcome} Outcome */
/** @typedef {import("./tokens.mjs").Token} Token */
/**
 * @typedef {object} Difference
 * @property {string} name
 * @property {string} because
 * @property {boolean} [rare]  not to be expected in a short run
 * @property {(token: Token) => boolean} where  for which tokens
 * @property {(ours: string, theirs: string) => boolean} allows  which two answers: a code, or "accepted"
 */

const tagged = (...tags) => (token) => tags.some((tag) => token.tags.includes(tag));
const refusedAs = (...codes) => (ours) => codes.includes(ours);

/** What jose tells with an error that has no code, or with a different one, told by ours. @type {Record<string, string[]>} */
export const sameMeaning = {
  [UNFIT_KEY]: ["ERR_JWK_INVALID", "ERR_JWKS_NO_MATCHING_KEY", "ERR_JOSE_ALG_NOT_ALLOWED", "ERR_JOSE_NOT_SUPPORTED"],
};

/**
 * Where an engine of ours answers differently from the others.
 * @typedef {object} Lack
 * @property {string} name
 * @property {string} because
 * @property {boolean} [rare]  not to be expected in a short run
 * @property {(reader: string, token: Token) => boolean} where
 * @property {(its: string) => boolean} allows
 */

/** @type {Lack[]} */
export const lacks = [
  {
    name: "ES512 in wasm",
    because: "P-521 is not among the curves that are compiled in: it would cost every user kilobytes that few ever use",
    where: (reader, token) => /Sync|wasm/.test(reader) && token.tags.includes("P-521"),
    allows: (its) => its === "ERR_JOSE_NOT_SUPPORTED",
  },
  {
    name: "malformed keys for ES256K, from the host alone",
    rare: true,
    because: "WebKit calls keys on a curve that it lacks malformed, so a host's refusal says nothing of the key: evertoken then asks for the fallback, which does",
    where: (reader, token) => reader === "evertoken" && token.tags.includes("secp256k1"),
    allows: (its) => its === "ERR_JOSE_NOT_SUPPORTED",
  },
];

/** @type {Difference[]} */
export const differences = [
  {
    name: "stricter JSON",
    because: "a member named twice, a lone surrogate and a byte order mark are read differently by different readers; nesting deeper than 32 is nobody's claim",
    where: tagged("duplicate member", "lone surrogate", "byte order mark", "deep"),
    allows: refusedAs("ERR_JWS_INVALID", "ERR_JWT_INVALID"),
  },
  {
    name: "one form of base64url",
    because: "before Uint8Array.fromBase64, jose decodes with atob, which takes padding, white space and spare bits: one token in many spellings defeats deny-lists",
    where: tagged("loose base64"),
    allows: refusedAs("ERR_JWS_INVALID"),
  },
  {
    name: "one form of base64url in keys",
    because: "as in tokens",
    where: tagged("key in loose base64"),
    allows: refusedAs("ERR_JWK_INVALID"),
  },
  {
    name: "length",
    because: "a token longer than 256 KiB is not looked at",
    where: tagged("too long"),
    allows: refusedAs("ERR_JWS_INVALID"),
  },
  {
    name: "kid, typ and crv are strings",
    because: "RFC 7515, sections 4.1.4 and 4.1.9, and RFC 7518, section 6.2.1.1, say so; jose looks at them only where an option, a key set or the key's type asks",
    where: tagged("name that is no string"),
    allows: refusedAs("ERR_JWS_INVALID", "ERR_JWK_INVALID"),
  },
  {
    name: "b64",
    because: "a JWT must not have an unencoded payload (RFC 7797, section 7); jose looks at b64 only where crit names it, and then checks the signature over something else",
    where: tagged("b64"),
    allows: refusedAs("ERR_JWS_INVALID", "ERR_JWT_INVALID"),
  },
  {
    name: "crit names what is missing",
    because: "malformed for everybody, so it is said before asking what is understood; jose asks first",
    where: tagged("crit"),
    allows: (ours, theirs) => ours === "ERR_JWS_INVALID" && theirs === "ERR_JOSE_NOT_SUPPORTED",
  },
  {
    name: "crit with the name of nothing",
    because: "RFC 7515, section 4.1.11, forbids a list without names, not the empty name: where a member has it, it is an extension that nobody understands; jose calls the header malformed",
    rare: true,
    where: (token) => token.tags.includes("crit") && /"crit"\s*:\s*\[\s*""\s*\]/.test(Buffer.from(token.text.split(".")[0] ?? "", "base64url").toString()),
    allows: (ours, theirs) => ours === "ERR_JOSE_NOT_SUPPORTED" && theirs === "ERR_JWS_INVALID",
  },
  {
    name: "infinite instants",
    because: "1e400 is no date; jose takes what JSON.parse makes of it, Infinity, for one",
    where: tagged("infinite"),
    allows: refusedAs("ERR_JWT_CLAIM_VALIDATION_FAILED"),
  },
  {
    name: "Ed25519 under both names",
    because: "RFC 9864 renames EdDSA with this curve, so keys and tokens may be on either side of the change; jose compares the names",
    where: tagged("EdDSA is Ed25519"),
    allows: (ours, theirs) => theirs === UNFIT_KEY || theirs === "ERR_JWKS_NO_MATCHING_KEY" || ours === "ERR_JWKS_MULTIPLE_MATCHING_KEYS",
  },
  {
    name: "keys are read first",
    because: "a verifier refuses its key when it is made, whatever the token; jose meets the key when a token has come that far",
    where: (token) => token.faults.some((fault) => fault.startsWith("key")),
    allows: (ours, theirs) => ours !== "accepted" && theirs !== "accepted",
  },
  {
    name: "secrets in sets",
    because: "an issuer that verifies its own tokens has them; jose's sets are public ones",
    where: tagged("secret in a set", "alg"),
    allows: (ours, theirs) => theirs === "ERR_JOSE_NOT_SUPPORTED",
  },
  {
    name: "weak keys",
    because: "RFC 7518, section 3.2, wants an HMAC key as long as its hash, and under an Ed25519 point of small order anybody can sign; jose takes both",
    where: tagged("weak key"),
    allows: refusedAs("ERR_JWK_INVALID", "ERR_JWKS_NO_MATCHING_KEY"),
  },
  {
    name: "private keys verify",
    because: "a private key holds its public part; jose asks the caller to take it out",
    where: tagged("private key"),
    allows: (_, theirs) => theirs === UNFIT_KEY,
  },
  {
    name: "half a private key",
    because: "a key with factors and without its exponent is neither public nor private, so it is malformed; jose looks whether `d` is there",
    rare: true,
    where: tagged("half a private key"),
    allows: refusedAs("ERR_JWK_INVALID"),
  },
  {
    name: "key_ops of signing keys",
    because: "who may sign with a key may verify with it, and the rest of the list is for others; jose wants `verify` in a list of unique strings",
    where: tagged("key_ops"),
    allows: (_, theirs) => theirs === UNFIT_KEY || theirs === "ERR_JWKS_NO_MATCHING_KEY",
  },
  {
    name: "ext",
    because: "it says whether a host may give the key out again, and keys are not given out here; jose wants it to be a boolean",
    where: tagged("ext"),
    allows: (_, theirs) => theirs === UNFIT_KEY || theirs === "ERR_JWKS_NO_MATCHING_KEY",
  },
  {
    name: "form first",
    because: "all three parts are decoded before anything is asked of keys; jose decodes the payload once the signature is checked",
    where: (token) => token.faults.includes("form") || token.faults.includes("base64"),
    allows: (ours, theirs) => ours === "ERR_JWS_INVALID" && theirs !== "accepted",
  },
];
