// The verifier's tables: what is asked of which token, and the answer. `jose` is its answer where it differs, and why.

/** Now, in Unix seconds. */
export const AT = 1_000_000;

export const expired = "ERR_JWT_EXPIRED exp check_failed";
export const failed = (claim, reason = "check_failed") => `ERR_JWT_CLAIM_VALIDATION_FAILED ${claim} ${reason}`;
export const accepted = "accepted";
export const strict = { clockTolerance: 0 };
const anyTime = { requiredClaims: [] };

const exp = (value, options, answer, more) => ({ payload: `{"exp":${value}}`, options, answer, ...more });
const nbf = (value, options, answer) => ({ payload: `{"nbf":${value}}`, options: { ...anyTime, ...options }, answer });
// JSON.parse makes an infinity of these, which jose compares like any other number.
const infinite = (claim, theirs) => [
  { payload: `{"${claim}":1e400}`, options: anyTime, answer: failed(claim, "invalid"), jose: theirs[0] },
  { payload: `{"${claim}":-1e400}`, options: anyTime, answer: failed(claim, "invalid"), jose: theirs[1] },
];

export const TIMES = [
  { payload: "{}", answer: failed("exp", "missing") },
  { payload: "{}", options: anyTime, answer: accepted },
  ...["exp", "nbf", "iat"].flatMap((claim) =>
    ['"1000001"', "null", "true", "[1000001]", "{}", '""'].map((value) => ({ payload: `{"${claim}":${value}}`, options: anyTime, answer: failed(claim, "invalid") })),
  ),
  ...infinite("exp", [accepted, expired]),
  ...infinite("nbf", [failed("nbf"), accepted]),
  ...infinite("iat", [accepted, accepted]),
  exp(AT + 1, strict, accepted),
  exp(AT, strict, expired),
  exp(AT - 1, strict, expired),
  exp(`${AT}.001`, strict, accepted),
  exp(`${AT - 1}.999`, strict, expired),
  exp(AT - 4, {}, accepted),
  exp(`${AT - 5}.5`, {}, accepted),
  exp(AT - 5, {}, expired),
  exp(AT, { clockTolerance: 1 }, accepted),
  exp(AT - 1, { clockTolerance: 1 }, expired),
  exp(AT, { clockTolerance: 0.5 }, accepted),
  exp(-1, {}, expired),
  exp("-0", {}, expired),
  exp("-1e308", {}, expired),
  exp("1e308", {}, accepted),
  exp("1E+7", strict, accepted),
  exp("1e-7", strict, expired),
  exp("9007199254740993", strict, accepted),
  // Whole seconds of now count: a token does not end within the second that its exp names.
  exp(AT + 1, strict, accepted, { now: AT + 0.999 }),
  exp(AT + 1, strict, expired, { now: AT + 1 }),
  nbf(AT, strict, accepted),
  nbf(AT + 1, strict, failed("nbf")),
  nbf(`${AT}.5`, strict, failed("nbf")),
  nbf(AT + 5, {}, accepted),
  nbf(`${AT + 5}.001`, {}, failed("nbf")),
  nbf(-1, strict, accepted),
  nbf("1e308", {}, failed("nbf")),
  { payload: { exp: AT + 9, iat: AT + 60 }, answer: accepted },
];

const aged = (iat, options, answer) => ({ payload: `{"iat":${iat}}`, options: { ...anyTime, maxTokenAge: 60, ...options }, answer });
const old = "ERR_JWT_EXPIRED iat check_failed";

export const AGES = [
  { payload: "{}", options: { ...anyTime, maxTokenAge: 60 }, answer: failed("iat", "missing") },
  aged('"1"', {}, failed("iat", "invalid")),
  aged(AT - 60, strict, accepted),
  aged(AT - 61, strict, old),
  aged(`${AT - 61}.5`, strict, old),
  aged(AT - 65, {}, accepted),
  aged(AT - 66, {}, old),
  aged(AT, strict, accepted),
  aged(AT + 1, strict, failed("iat")),
  aged(AT + 5, {}, accepted),
  aged(AT + 6, {}, failed("iat")),
  aged(AT, { ...strict, maxTokenAge: 0 }, accepted),
  aged(AT - 1, { ...strict, maxTokenAge: 0 }, old),
];

const aud = (value, audience, answer) => ({ payload: `{"aud":${value}}`, options: { ...anyTime, audience }, answer });

export const AUDIENCES = [
  aud('"a"', "a", accepted),
  aud('"a"', ["b", "a"], accepted),
  aud('["x","a"]', "a", accepted),
  aud('["x","b"]', ["a", "b"], accepted),
  ...['"A"', '"ab"', '""', "[]", '["x"]', '[["a"]]', "null", "1", '{"a":1}'].map((value) => aud(value, "a", failed("aud"))),
  { payload: "{}", options: { ...anyTime, audience: "a" }, answer: failed("aud", "missing") },
  { payload: '{"aud":"anybody"}', options: anyTime, answer: accepted },
];

const who = (payload, options, answer) => ({ payload, options: { ...anyTime, ...options }, answer });

export const ISSUERS = [
  who({ iss: "i" }, { issuer: "i" }, accepted),
  who({ iss: "j" }, { issuer: ["i", "j"] }, accepted),
  ...["x", "I", "", ["i"], null, 1].map((iss) => who({ iss }, { issuer: ["i", "j"] }, failed("iss"))),
  who({}, { issuer: "i" }, failed("iss", "missing")),
  who({ sub: "s" }, { subject: "s" }, accepted),
  ...["t", "", ["s"], null].map((sub) => who({ sub }, { subject: "s" }, failed("sub"))),
  who({}, { subject: "s" }, failed("sub", "missing")),
  // What is missing is said before what is wrong, the issuer before the others, and times last.
  who({ sub: "t", exp: 1 }, { subject: "s", issuer: "i" }, failed("iss", "missing")),
  who({ sub: "t", iss: "x", aud: "x", exp: 1 }, { subject: "s", issuer: "i", audience: "a" }, failed("iss")),
  who({ sub: "t", iss: "i", aud: "x", exp: 1 }, { subject: "s", issuer: "i", audience: "a" }, failed("sub")),
  who({ sub: "s", iss: "i", aud: "x", exp: 1 }, { subject: "s", issuer: "i", audience: "a" }, failed("aud")),
  who({ sid: null }, { requiredClaims: ["sid"] }, accepted),
  who({}, { requiredClaims: ["sid", "jti"] }, failed("jti", "missing")),
];

const typ = (value, wanted, answer) => ({ payload: "{}", header: value === undefined ? {} : { typ: value }, options: { ...anyTime, typ: wanted }, answer });

export const TYPES = [
  ...["at+jwt", "application/at+jwt", "AT+JWT", "Application/AT+jwt"].flatMap((found) => [typ(found, "at+jwt", accepted), typ(found, "application/at+jwt", accepted)]),
  ...["JWT", "jwt", "at+jwt ", "text/at+jwt", undefined].map((found) => typ(found, "at+jwt", failed("typ"))),
  typ("text/x", "text/x", accepted),
  typ("application/x/y", "x/y", failed("typ")),
  { payload: "{}", header: { typ: "anything" }, options: anyTime, answer: accepted },
];
