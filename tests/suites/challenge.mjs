// What a refused request is answered with: RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1.

import { equal, ok, refused, same } from "./check.mjs";
import { SECRET, signers } from "./signed.mjs";

/** Reads one challenge by the grammar of RFC 9110, section 11.2, and refuses what it does not allow. */
export const parsed = (value) => {
  const scheme = /^[!#$%&'*+.^_`|~\w-]+/.exec(value)?.[0];
  ok(scheme, `no scheme in ${value}`);
  const parameters = {};
  const parameter = /([!#$%&'*+.^_`|~\w-]+)="((?:[\t !#-[\]-~]|\\[\t -~])*)"(?:, |$)/y;
  parameter.lastIndex = scheme.length + 1;
  while (parameter.lastIndex < value.length) {
    const at = parameter.lastIndex;
    const [, name, text] = parameter.exec(value) ?? ok(false, `no parameter at ${at} of ${value}`);
    ok(!(name in parameters), `${name} is there twice`);
    parameters[name] = text.replace(/\\(.)/g, "$1");
  }
  return { scheme, ...parameters };
};

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime */
export const testChallenge = ({ test, evertoken: { challenge, createVerifier, TokenError } }) => {
  const keys = { secret: SECRET, alg: "HS256" };
  const now = () => 1_000_000_000;
  const error = async (claims, options) => refused(createVerifier({ keys, now, ...options }).verify(await (await signers()).HS256.sign(claims)), {});

  test("challenge: a request without a token is told the scheme alone", async () => {
    for (const nothing of [undefined, null]) {
      equal(challenge(nothing), "Bearer");
      same(parsed(challenge(nothing, { realm: "api", resourceMetadata: "https://api.example/.well-known/oauth-protected-resource" })), {
        scheme: "Bearer", realm: "api", resource_metadata: "https://api.example/.well-known/oauth-protected-resource",
      });
    }
  });

  test("challenge: a refused token is invalid_token, in the words of the standard", async () => {
    const described = async (...of) => parsed(challenge(await error(...of)));
    same(await described({ exp: 1 }), { scheme: "Bearer", error: "invalid_token", error_description: "The access token expired" });
    for (const refusal of [{ exp: 1e7, nbf: 2e6 }, { aud: "x", exp: 1e7 }]) {
      same(await described(refusal, { audience: "hidden" }), { scheme: "Bearer", error: "invalid_token", error_description: "The access token is invalid" });
    }
    equal(parsed(challenge(await refused(createVerifier({ keys }).verify("hidden"), {}))).error, "invalid_token");
  });

  test("challenge: a step-up says what RFC 9470 needs", async () => {
    const value = challenge(await error({ exp: 1e7, acr: "0" }, { acrValues: ["urn:a", "b"], maxAuthAge: 300 }), { realm: "api" });
    same(parsed(value), {
      scheme: "Bearer", realm: "api", error: "insufficient_user_authentication",
      error_description: "A stronger or a more recent authentication is required", acr_values: "urn:a b", max_age: "300",
    });
    equal(parsed(challenge(await error({ exp: 1e7 }, { maxAuthAge: 0 }))).max_age, "0");
    equal(parsed(challenge(await error({ exp: 1e7 }, { maxAuthAge: 0 }))).acr_values, undefined);
    equal(parsed(challenge(await error({ exp: 1e7 }, { acrValues: ["b"] }))).max_age, undefined);
  });

  test("challenge: what is not the token's fault is not said to be", async () => {
    for (const code of ["ERR_OPTIONS", "ERR_STORE", "ERR_NOT_READY", "ERR_JWKS_TIMEOUT", "ERR_JWK_INVALID", "ERR_UNKNOWN"]) {
      equal(challenge(new TokenError({ code, message: "hidden" })), "Bearer", code);
    }
    const foreign = Object.assign(new Error("hidden"), { code: "ERR_JWT_EXPIRED", acrValues: ["x"] });
    for (const other of [foreign, { code: "ERR_JWT_EXPIRED" }, "hidden", 5, Symbol("x")]) equal(challenge(other), "Bearer");
  });

  test("challenge: nothing can break out of it", async () => {
    same(parsed(challenge(undefined, { realm: 'a"b\\c, error="x"' })), { scheme: "Bearer", realm: 'a"b\\c, error="x"' });
    for (const realm of ["a\r\nSet-Cookie: x=1", "a\n", "\0", "é", "a\u2028", "\x7f", "", 5, null]) {
      await refused(Promise.resolve().then(() => challenge(undefined, { realm })), { code: "ERR_OPTIONS", option: "realm" });
    }
    for (const resourceMetadata of ["/relative", "javascript:x", 'https://x/"', "https://x/\r\n", "https://x/ y", "https://é/", "", 5]) {
      await refused(Promise.resolve().then(() => challenge(undefined, { resourceMetadata })), { code: "ERR_OPTIONS", option: "resourceMetadata" });
    }
    await refused(Promise.resolve().then(() => challenge(undefined, { relm: "x" })), { code: "ERR_OPTIONS", option: "relm" });
    const made = (more) => new TokenError({ code: "ERR_STEP_UP_REQUIRED", message: "hidden", ...more });
    const plain = challenge(made({}));
    for (const acrValues of [['a"', "b c", "d\r\ne", "é", "", 5, null], "text", { length: 1, 0: "x" }]) equal(challenge(made({ acrValues })), plain);
    for (const maxAuthAge of [-1, NaN, "5", '5"', {}]) equal(challenge(made({ maxAuthAge })), plain);
    const getter = Object.defineProperty(made({}), "acrValues", { get: () => { throw new Error("hidden"); } });
    equal(challenge(getter), plain);
    new Headers({ "www-authenticate": challenge(made({ acrValues: ["a"] }), { realm: "all ~ of ! it" }) });
  });
};
