// V6: what a verifier that keeps tokens must answer, in any runtime. That a hit computes nothing is seen by
// its answer, which is the very object of the first time: a verification makes new ones.

import { equal, ok, refused } from "./check.mjs";
import { signers } from "./signed.mjs";

const AT = 1_700_000_000;
const refusal = (code, claim) => ({ code, ...(claim && { claim }) });

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime  `evertoken` is either entry
 */
export const testCache = ({ test, evertoken }) => {
  const { createVerifier } = evertoken;
  const isEdge = "createSigner" in evertoken;

  /** Every way to ask a verifier, each with a verifier and a clock of its own, for each engine. */
  const each = async (run, options = {}) => {
    for (const [alg, signer] of Object.entries(await signers())) {
      for (const way of isEdge ? ["verify", "verifySync"] : ["verify"]) {
        let now = AT;
        const verifier = createVerifier({ keys: signer.keys, cache: 10, now: () => now * 1000, ...options });
        const ask = async (token, perCall) => verifier[way](token, perCall);
        await run({ verifier, ask, sign: signer.sign, at: (seconds) => (now = seconds), what: `${alg} ${way}` });
        verifier.dispose();
      }
    }
  };

  const claims = { sub: "me", aud: ["a", "b"], iss: "i", iat: AT - 10, exp: AT + 60, auth_time: AT - 100, acr: "1" };

  test("V6: a hit gives the frozen answer of the first time, for equal texts", () =>
    each(async ({ ask, sign, what }) => {
      const token = await sign({ ...claims, deep: [{ deeper: {} }] });
      const first = await ask(token);
      equal(await ask(token), first, what);
      equal(await ask(["x", token].join("").slice(1)), first, what);
      ok([first, first.header, first.claims, first.claims.deep, first.claims.deep[0], first.claims.deep[0].deeper].every(Object.isFrozen), what);
      equal(Object.keys(first).join(), "header,claims", what);
    }));

  test("V6: expiry is seen to the second, also when the clock goes back", () =>
    each(async ({ ask, sign, at, what }) => {
      const token = await sign(claims);
      const first = await ask(token);
      at(AT + 64.999);
      equal(await ask(token), first, what);
      at(AT + 65);
      await refused(ask(token), refusal("ERR_JWT_EXPIRED", "exp"));
      await refused(ask(token), refusal("ERR_JWT_EXPIRED", "exp"));
      at(AT);
      equal((await ask(token)).claims.sub, "me", what);
    }));

  test("V6: so are nbf and the age of the token", () =>
    each(
      async ({ ask, sign, at, what }) => {
        const token = await sign({ ...claims, nbf: AT - 10 });
        const first = await ask(token);
        at(AT - 15);
        equal(await ask(token), first, what);
        at(AT - 15.001);
        await refused(ask(token), refusal("ERR_JWT_CLAIM_VALIDATION_FAILED", "nbf"));
        at(AT);
        const again = await ask(token);
        at(AT + 25.999);
        equal(await ask(token), again, what);
        at(AT + 26);
        await refused(ask(token), refusal("ERR_JWT_EXPIRED", "iat"));
      },
      { maxTokenAge: 30 },
    ));

  test("V6: and the age of the sign-in", () =>
    each(
      async ({ ask, sign, at, what }) => {
        const token = await sign(claims);
        const first = await ask(token);
        at(AT + 25.999);
        equal(await ask(token), first, what);
        at(AT + 26);
        await refused(ask(token), refusal("ERR_STEP_UP_REQUIRED", "auth_time"));
      },
      { maxAuthAge: 120 },
    ));

  test("V6: the rules of a call are asked of a hit as well", () =>
    each(async ({ ask, sign, what }) => {
      const token = await sign(claims, { typ: "at+jwt" });
      const first = await ask(token);
      const other = {
        audience: { audience: "c" }, subject: { subject: "you" }, typ: { typ: "JWT" }, requiredClaims: { requiredClaims: ["exp", "jti"] },
        maxAuthAge: { maxAuthAge: 10 }, acrValues: { acrValues: ["2"] }, nonce: { nonce: "n" }, accessToken: { accessToken: "t" },
      };
      for (const perCall of Object.values(other)) await refused(ask(token, perCall), {});
      for (const perCall of Object.values(other)) await refused(ask(token, perCall), {});
      for (const perCall of [{ audience: "a" }, { audience: ["c", "b"] }, { subject: "me", typ: "at+jwt", maxAuthAge: 200, acrValues: ["1"] }]) {
        const once = await ask(token, perCall);
        equal(await ask(token, { ...perCall }), once, `${what} ${JSON.stringify(perCall)}`);
      }
      equal(await ask(token), first, what);
    }));

  test("V6: rules that only look alike share no answer", () =>
    each(async ({ ask, sign }) => {
      const token = await sign({ ...claims, aud: "a1:b", sub: "c" });
      await ask(token, { audience: "a1:b", subject: "c" });
      await ask(token, {});
      for (const perCall of [
        Object.create({ audience: "c" }), Object.defineProperty({}, "audience", { value: "c" }), { audience: ["a", "b"] }, { audience: "a", subject: "b1:c" },
        new (class { get audience() { return "c"; } })(), { audience: null }, { maxAuthAge: NaN }, { audiense: undefined }, [], null, "c", { acrValues: [1] },
      ]) await refused(ask(token, perCall), {});
      const changing = { audience: ["a1:b"] };
      await ask(token, changing);
      changing.audience[0] = "c";
      await refused(ask(token, changing), refusal("ERR_JWT_CLAIM_VALIDATION_FAILED", "aud"));
    }));

  test("V6: two tokens never share an entry, and a forged one finds none", () =>
    each(async ({ ask, sign, what }) => {
      const tokens = [await sign(claims), await sign({ ...claims, sub: "you" })];
      const answers = [];
      for (const token of tokens) answers.push(await ask(token));
      equal(answers.map((answer) => answer.claims.sub).join(), "me,you", what);
      const [[header, , signature], [, payload]] = tokens.map((token) => token.split("."));
      for (const forged of [[header, payload, signature].join("."), `${tokens[0]}=`, ` ${tokens[0]}`, tokens[0].slice(1), `${header}.${payload}.`, signature, ""]) {
        await refused(ask(forged), {});
        await refused(ask(forged), {});
      }
      await refused(ask(undefined), {});
      for (const [at, token] of tokens.entries()) equal(await ask(token), answers[at], what);
    }));

  test("V6: only so many are kept, and who was not asked for longest goes", () =>
    each(
      async ({ ask, sign, what }) => {
        const tokens = await Promise.all([1, 2, 3].map((n) => sign({ ...claims, n })));
        const [first, second] = [await ask(tokens[0]), await ask(tokens[1])];
        equal(await ask(tokens[0]), first, what);
        const third = await ask(tokens[2]);
        equal(await ask(tokens[0]), first, what);
        equal(await ask(tokens[2]), third, what);
        ok((await ask(tokens[1])) !== second, `${what}: three of two are kept`);
      },
      { cache: 2 },
    ));

  test("V6: long tokens take the room of several, and the longest are not kept", () =>
    each(
      async ({ ask, sign, what }) => {
        const sized = (characters) => sign({ ...claims, filler: "x".repeat(characters) });
        const [small, large, huge] = [await sized(1), await sized(4000), await sized(7000)];
        const kept = await ask(small);
        const once = await ask(large);
        equal(await ask(large), once, what);
        ok((await ask(huge)) !== (await ask(huge)), `${what}: a token longer than all may be was kept`);
        equal(await ask(large), once, what);
        const again = await ask(await sized(3000));
        ok((await ask(large)) !== once, `${what}: more characters are kept than may be`);
        ok(again !== kept, what);
      },
      { cache: 3 },
    ));

  test("V6: cache: false and 0 keep nothing; what is no number of tokens is refused", async () => {
    const { keys, sign } = (await signers()).HS256;
    const token = await sign({ ...claims, exp: Date.now() / 1000 + 60, iat: 0 });
    for (const cache of [false, 0]) {
      const { verify } = createVerifier({ keys, cache });
      ok((await verify(token)) !== (await verify(token)), `cache: ${cache}`);
    }
    const { verify } = createVerifier({ keys });
    equal((await verify(token)) === (await verify(token)), isEdge, "kept where nothing is said");
    for (const cache of [-1, 1.5, NaN, Infinity, "1000", true, null, 1e9, {}]) {
      await refused(createVerifier({ keys, cache }).verify(token), { code: "ERR_OPTIONS", option: "cache" });
    }
  });

  test("V6: a clock that is wrong is said of a kept token too", () =>
    each(async ({ ask, sign, at }) => {
      const token = await sign(claims);
      await ask(token);
      at(NaN);
      await refused(ask(token), { code: "ERR_OPTIONS", option: "now" });
    }));

  test("V6: disposing of a verifier ends its hits, and keeps nothing that was under way", () =>
    each(async ({ verifier, ask, sign, what }) => {
      const token = await sign(claims);
      await ask(token);
      const underWay = verifier.verify(await sign({ ...claims, sub: "late" }));
      verifier.dispose();
      await underWay.then((answer) => equal(Object.keys(answer).join(), "header,claims", what), () => {});
      await refused(ask(token), { code: "ERR_NOT_READY" });
    }));

  test("V6: a hit costs the host no crypto, and a key that is gone no hit", async () => {
    const { ES256 } = await signers();
    let now = AT;
    let keys = [{ ...ES256.keys, kid: "k", alg: "ES256" }];
    const fetch = async () => Response.json({ keys });
    const verifier = createVerifier({ keys: { url: "https://issuer.example/jwks", ttl: 100, cooldown: 1, fetch }, cache: 10, now: () => now * 1000 });
    const token = await ES256.sign({ ...claims, exp: AT + 3600 }, { kid: "k" });
    const { subtle } = crypto;
    const { verify } = subtle;
    let calls = 0;
    const counting = function (...parameters) {
      calls += 1;
      return verify.apply(subtle, parameters);
    };
    Object.defineProperty(subtle, "verify", { value: counting, configurable: true, writable: true });
    try {
      const first = await verifier.verify(token);
      const [once, again] = [calls, await verifier.verify(token)];
      equal(again, first, "the hit");
      equal(calls, once, "calls of subtle.verify");
      // Computed anew, since that it can be is part of the answer; from then on both ways share it.
      const kept = isEdge ? verifier.verifySync(token) : first;
      now += 101;
      equal(await verifier.verify(token), kept, "after a fetch of the same keys");
      if (isEdge) equal(verifier.verifySync(token), kept);
      now += 101;
      keys = [{ ...(await signers()).ES256.keys, kid: "k", alg: "ES256" }];
      await refused(verifier.verify(token), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
      keys = [{ ...ES256.keys, kid: "other", alg: "ES256" }];
      now += 101;
      await refused(verifier.verify(token), { code: "ERR_JWKS_NO_MATCHING_KEY" });
      if (isEdge) await refused((async () => verifier.verifySync(token))(), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    } finally {
      delete subtle.verify;
    }
  });

  if (isEdge) {
    test("V6: what is found by a promise is no hit of verifySync", async () => {
      const key = await evertoken.generateKey("ES512");
      const token = await evertoken.createSigner({ key, expiresIn: 60 }).sign({ sub: "me" });
      const verifier = createVerifier({ keys: evertoken.publicJwk(key) });
      const first = await verifier.verify(token);
      equal(await verifier.verify(token), first);
      // Only where node:crypto is can ES512 be had at once, and then it is computed at once.
      const sync = (async () => verifier.verifySync(token))();
      if (globalThis.process?.getBuiltinModule) equal((await sync) === first, false);
      else await refused(sync, { code: "ERR_JOSE_NOT_SUPPORTED" });
    });
  }
};
