// The tables of what jose has no option for: profiles, the sign-in behind a token, step-up.

import { accepted, AT, expired, failed, strict } from "./verifier_rows.mjs";

const wrongOption = (name) => `ERR_OPTIONS ${name}`;
const stepUp = (claim, reason = "check_failed") => `ERR_STEP_UP_REQUIRED ${claim} ${reason}`;

const without = (claims, name) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

const access = { iss: "i", aud: "a", exp: AT + 9, iat: AT, sub: "s", client_id: "c", jti: "j" };
const typed = { typ: "at+jwt" };
const at = { profile: "at+jwt", issuer: "i", audience: "a" };
const accessRow = (change, answer, more) => ({ payload: { ...access, ...change }, header: typed, options: at, answer, ...more });

/** RFC 9068, section 4. */
export const ACCESS_TOKENS = [
  accessRow({}, accepted),
  accessRow({ aud: ["x", "a"], auth_time: 1, acr: "1", scope: "read" }, accepted),
  ...["at+jwt", "application/at+jwt", "AT+JWT"].map((typ) => accessRow({}, accepted, { header: { typ } })),
  ...["JWT", "id+jwt", "jwt"].map((typ) => accessRow({}, failed("typ"), { header: { typ } })),
  accessRow({}, failed("typ"), { header: {} }),
  ...Object.keys(access).map((name) => accessRow({}, failed(name, "missing"), { payload: without(access, name) })),
  ...["sub", "client_id", "jti"].flatMap((name) => [1, null, "", ["s"]].map((value) => accessRow({ [name]: value }, failed(name, "invalid")))),
  accessRow({ iss: "x" }, failed("iss")),
  accessRow({ aud: "x" }, failed("aud")),
  accessRow({ exp: AT - 5 }, expired),
  accessRow({ iat: "1" }, failed("iat", "invalid")),
  accessRow({}, failed("sid", "missing"), { options: { ...at, requiredClaims: ["sid"] } }),
  accessRow({}, failed("exp", "missing"), { options: { ...at, requiredClaims: [] }, payload: without(access, "exp") }),
  accessRow({}, wrongOption("issuer"), { options: { profile: "at+jwt", audience: "a" } }),
  accessRow({}, wrongOption("audience"), { options: { profile: "at+jwt", issuer: "i" } }),
  accessRow({}, wrongOption("typ"), { options: { ...at, typ: "JWT" } }),
  accessRow({}, accepted, { options: { ...at, typ: "application/at+jwt" } }),
  accessRow({}, wrongOption("profile"), { options: { ...at, profile: "jwt" } }),
];

const id = { iss: "i", sub: "s", aud: "a", exp: AT + 9, iat: AT };
const oidc = { profile: "id_token", issuer: "i", audience: "a" };
const idRow = (change, answer, more) => ({ payload: { ...id, ...change }, options: { ...oidc, ...more?.options }, answer, header: more?.header });

/** OpenID Connect Core 1.0, section 3.1.3.7. */
export const ID_TOKENS = [
  idRow({}, accepted),
  idRow({}, accepted, { header: { typ: "JWT" } }),
  ...["at+jwt", "application/at+jwt", "logout+JWT"].map((typ) => idRow({}, failed("typ"), { header: { typ } })),
  idRow({}, accepted, { header: { typ: "at+jwt" }, options: { typ: "at+jwt" } }),
  ...Object.keys(id).map((name) => ({ payload: without(id, name), options: oidc, answer: failed(name, "missing") })),
  ...[1, null, ""].map((sub) => idRow({ sub }, failed("sub", "invalid"))),
  idRow({ iss: "x" }, failed("iss")),
  idRow({ aud: "x" }, failed("aud")),
  idRow({ exp: AT - 5 }, expired),
  idRow({}, wrongOption("issuer"), { options: { issuer: undefined } }),
  idRow({}, wrongOption("audience"), { options: { audience: undefined } }),
  // Several audiences need an azp; where there is one, it stands for a missing azp.
  idRow({ aud: ["a"] }, accepted),
  idRow({ aud: ["a", "b"] }, failed("azp", "missing")),
  idRow({ aud: ["a", "b"], azp: "a" }, accepted),
  idRow({ aud: ["a", "b"], azp: "b" }, failed("azp")),
  idRow({ azp: "a" }, accepted),
  ...["b", "", 1, null, ["a"]].map((azp) => idRow({ azp }, failed("azp"))),
  idRow({ azp: "app" }, accepted, { options: { authorizedParty: "app" } }),
  idRow({ azp: "a" }, failed("azp"), { options: { authorizedParty: "app" } }),
  idRow({}, failed("azp"), { options: { authorizedParty: "app" } }),
  idRow({}, accepted, { options: { authorizedParty: "a" } }),
  idRow({ nonce: "n" }, accepted),
  idRow({ nonce: "n" }, accepted, { options: { nonce: "n" } }),
  idRow({}, failed("nonce", "missing"), { options: { nonce: "n" } }),
  ...["N", "", 1, null, ["n"]].map((nonce) => idRow({ nonce }, failed("nonce"), { options: { nonce: "n" } })),
  idRow({}, failed("auth_time", "missing"), { options: { maxAuthAge: 60 } }),
  idRow({ auth_time: AT - 66 }, stepUp("auth_time"), { options: { maxAuthAge: 60 } }),
];

const TOKEN = "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL-ar_qw5jl3lthwpMjm283aVMQXDmoqqqydDSqJfbhptzw8rUVwkuQbolw";
// SHA-256, its left half: the example of oidc-token-hash.
const AT_HASH = "x7vk7f6BvQj0jQHYFIk4ag";
const loose = (claims, options, answer) => ({ payload: { exp: AT + 9, ...claims }, options, answer });

/** Each option alone: what is asked for must be there, as jose has it. */
export const ALONE = [
  loose({ nonce: "n" }, { nonce: "n" }, accepted),
  loose({}, { nonce: "n" }, failed("nonce", "missing")),
  loose({ nonce: "m" }, { nonce: "n" }, failed("nonce")),
  loose({ azp: "c" }, { authorizedParty: "c" }, accepted),
  loose({ aud: "c" }, { authorizedParty: "c" }, failed("azp", "missing")),
  loose({ azp: "d" }, { authorizedParty: "c" }, failed("azp")),
  loose({ at_hash: AT_HASH }, { accessToken: TOKEN }, accepted),
  loose({}, { accessToken: TOKEN }, failed("at_hash", "missing")),
  loose({ at_hash: AT_HASH }, { accessToken: TOKEN.slice(1) }, failed("at_hash")),
  ...[`${AT_HASH}==`, AT_HASH.toLowerCase(), "", 1, null].map((hash) => loose({ at_hash: hash }, { accessToken: TOKEN }, failed("at_hash"))),
  ...["nonce", "authorizedParty", "accessToken", "profile"].flatMap((name) => ["", 1, null].map((value) => loose({}, { [name]: value }, wrongOption(name)))),
];

const signedIn = (ago, options, answer) => loose({ auth_time: AT - ago }, { maxAuthAge: 60, ...options }, answer);

/** RFC 9470, section 4. */
export const STEP_UP = [
  signedIn(60, strict, accepted),
  signedIn(61, strict, stepUp("auth_time")),
  signedIn(60.5, strict, stepUp("auth_time")),
  signedIn(65, {}, accepted),
  signedIn(66, {}, stepUp("auth_time")),
  signedIn(0, { ...strict, maxAuthAge: 0 }, accepted),
  signedIn(1, { ...strict, maxAuthAge: 0 }, stepUp("auth_time")),
  signedIn(60, { ...strict, maxAuthAge: 60.9 }, accepted),
  signedIn(60.5, { ...strict, maxAuthAge: 60.9 }, stepUp("auth_time")),
  signedIn(-5, {}, accepted),
  signedIn(-6, {}, failed("auth_time")),
  loose({}, { maxAuthAge: 60 }, stepUp("auth_time", "missing")),
  loose({ auth_time: "1" }, { maxAuthAge: 60 }, failed("auth_time", "invalid")),
  loose({ acr: "b" }, { acrValues: ["a", "b"] }, accepted),
  loose({ acr: "urn:mace:incommon:iap:silver" }, { acrValues: ["urn:mace:incommon:iap:silver"] }, accepted),
  ...["c", "A", "", "a b", ["a"], 1, null].map((acr) => loose({ acr }, { acrValues: ["a", "b"] }, stepUp("acr"))),
  loose({}, { acrValues: ["a"] }, stepUp("acr", "missing")),
  loose({ acr: "a" }, { acrValues: ["a"], maxAuthAge: 60 }, stepUp("auth_time", "missing")),
  // A token that is refused anyway is not worth a stronger sign-in.
  loose({ exp: AT - 5 }, { acrValues: ["a"] }, expired),
  loose({ nonce: "m" }, { acrValues: ["a"], nonce: "n" }, failed("nonce")),
  ...[-1, NaN, Infinity, "60", null].map((maxAuthAge) => loose({}, { maxAuthAge }, wrongOption("maxAuthAge"))),
  ...[[], [""], ["a b"], ['a"'], ["a\\"], ["a\r\nX: y"], ["é"], [1], null].map((acrValues) => loose({}, { acrValues }, wrongOption("acrValues"))),
];
