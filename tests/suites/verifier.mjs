// What a verifier must answer, in any runtime and by any engine. Names begin with their scenario.

import { testChallenge } from "./challenge.mjs";
import { equal, ok, refused, same } from "./check.mjs";
import { signers } from "./signed.mjs";
import { AGES, AT, accepted, AUDIENCES, ISSUERS, TIMES, TYPES } from "./verifier_rows.mjs";
import { ACCESS_TOKENS, ALONE, ID_TOKENS, STEP_UP } from "./verifier_rows_more.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, vectors: { keys: object[], tokens: string[] }[], jose?: any }} runtime
 *   `evertoken` is either entry; `vectors` are the parsed files of tests/vectors; `jose`, where there is one, must answer alike
 */
export const testVerifier = ({ test, evertoken, vectors, jose }) => {
  const { createVerifier } = evertoken;
  // Only evertoken/edge has an engine of its own; it is asked beside the host's.
  const isEdge = "createSigner" in evertoken;

  /** Every answer that there is to one token, by every engine, as one word each. */
  const answers = async (signer, token, options, inJose) => {
    const verifier = createVerifier({ keys: signer.keys, ...options });
    const found = { verify: await verifier.verify(token).then(() => accepted, described) };
    if (isEdge) found.verifySync = attempt(() => verifier.verifySync(token));
    if (jose && inJose) found.jose = await joseAnswer(signer, token, options);
    verifier.dispose();
    return found;
  };

  const joseAnswer = (signer, token, { now, ...rest }) => {
    const options = { clockTolerance: 5, requiredClaims: ["exp"], ...rest };
    return jose.jwtVerify(token, signer.joseKey, { ...options, currentDate: new Date(now()) }).then(() => "accepted", described);
  };

  const table = (name, rows, inJose = true) =>
    test(name, async () => {
      for (const [alg, signer] of Object.entries(await signers())) {
        for (const { payload, header, options, now = AT, answer, jose: theirs = answer } of rows) {
          const token = await signer.sign(payload, header);
          for (const [who, found] of Object.entries(await answers(signer, token, { now: () => now * 1000, ...options }, inJose))) {
            equal(found, who === "jose" ? theirs : answer, `${alg} ${who} ${JSON.stringify({ payload, header, options, now })}`);
          }
        }
      }
    });

  if (isEdge) testChallenge({ test, evertoken });

  table("V3: times at their edges, in every engine", TIMES);
  table("V3, V4: the age of a token", AGES);
  table("V4: aud as a string and as an array", AUDIENCES);
  table("V4: one issuer, a list of them, a subject", ISSUERS);
  table("V4: typ with and without application/", TYPES);

  table("V4: access tokens by RFC 9068", ACCESS_TOKENS, false);
  table("V4: ID tokens by OpenID Connect Core 3.1.3.7", ID_TOKENS, false);
  table("V4: nonce, azp and at_hash, each asked for alone", ALONE, false);
  table("V4: maxAuthAge and acrValues", STEP_UP, false);

  test("V4: a step-up says what is needed, all of it", async () => {
    const { HS256 } = await signers();
    const token = await HS256.sign({ exp: AT + 9, acr: "a", auth_time: AT });
    const { verify } = createVerifier({ keys: HS256.keys, acrValues: ["b", "c"], maxAuthAge: 60, now: () => AT * 1000 });
    const error = await refused(verify(token), { code: "ERR_STEP_UP_REQUIRED", maxAuthAge: 60, claim: "acr", retryable: false });
    same(error.acrValues, ["b", "c"]);
    const other = await refused(verify(token, { acrValues: ["d"], maxAuthAge: 5 }), { code: "ERR_STEP_UP_REQUIRED", maxAuthAge: 5 });
    same(other.acrValues, ["d"]);
    equal((await refused(createVerifier({ keys: HS256.keys, acrValues: ["b"], now: () => AT * 1000 }).verify(token), {})).maxAuthAge, undefined);
    equal((await refused(createVerifier({ keys: HS256.keys, audience: "b", now: () => AT * 1000 }).verify(token), {})).acrValues, undefined);
  });

  test("V4: what is said per call goes before what was said once, and is not remembered", async () => {
    const { ES256 } = await signers();
    const claims = { iss: "i", sub: "s", aud: "a", exp: AT + 9, iat: AT, nonce: "n", acr: "1", auth_time: AT - 100, at_hash: "x7vk7f6BvQj0jQHYFIk4ag" };
    const token = await ES256.sign(claims, { typ: "JWT" });
    const { verify } = createVerifier({ keys: ES256.keys, issuer: "i", audience: "b", subject: "t", typ: "at+jwt", requiredClaims: ["sid"], nonce: "m", acrValues: ["2"], maxAuthAge: 5, now: () => AT * 1000 });
    const perCall = { audience: ["a"], subject: "s", typ: "JWT", requiredClaims: ["exp"], nonce: "n", acrValues: ["1"], maxAuthAge: 100 };
    equal((await verify(token, perCall)).claims.sub, "s");
    for (const name of Object.keys(perCall)) {
      const claim = { audience: "aud", subject: "sub", requiredClaims: "sid", acrValues: "acr", maxAuthAge: "auth_time" }[name] ?? name;
      await refused(verify(token, { ...perCall, [name]: undefined }), { claim });
    }
    await refused(verify(token, { ...perCall, accessToken: "another" }), { claim: "at_hash", reason: "check_failed" });
    for (const option of ["issuer", "profile", "authorizedParty", "clockTolerance", "maxTokenAge"]) {
      await refused(verify(token, { ...perCall, [option]: "x" }), { code: "ERR_OPTIONS", option });
    }
    const profiled = createVerifier({ keys: ES256.keys, profile: "at+jwt", issuer: "i", audience: "a" });
    await refused(profiled.verify(token, { typ: "JWT" }), { code: "ERR_OPTIONS", option: "typ" });
  });

  test("V1: the vectors of RFC 7515, 7520, 8037 and 9964, by the engine that serves them here", async () => {
    let verified = 0;
    for (const { keys, tokens } of vectors) {
      for (const [index, token] of tokens.entries()) {
        const verifier = createVerifier({ keys: keys[index] });
        const [header, payload, signature] = token.split(".");
        const answer = await verifier.verifySignature(token).catch((error) => error);
        if (answer.code === "ERR_JOSE_NOT_SUPPORTED" && !isEdge) continue;
        equal(answer.code, undefined, `${index} ${header}`);
        await refused(verifier.verifySignature(`${header}.${payload}A.${signature}`), {});
        await refused(verifier.verifySignature(`${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
        if (isEdge) {
          const answers = keys[index].crv === "P-521" ? [...GOOD, "ERR_JOSE_NOT_SUPPORTED"] : GOOD;
          ok(answers.includes(attempt(() => verifier.verifySync(token)).split(" ")[0]), `${header} in wasm`);
        }
        verified += 1;
      }
    }
    // ML-DSA is what hosts may lack.
    ok(verified >= vectors.flatMap(({ tokens }) => tokens).length - (isEdge ? 0 : 3), `${verified} vectors`);
  });
};

// Read as JWTs these tokens are over, or no claims at all: neither is said before the signature is found good.
const GOOD = ["ERR_JWT_EXPIRED", "ERR_JWT_INVALID"];

const described = ({ code, claim, reason, option }) => [code, claim, reason, option].filter(Boolean).join(" ");

const attempt = (run) => {
  try {
    run();
    return "accepted";
  } catch (error) {
    return described(error);
  }
};
