// What a verifier must answer, in any runtime and by any engine. Names begin with their scenario.

import { equal, ok, refused } from "./check.mjs";
import { signers } from "./signed.mjs";
import { AGES, AT, AUDIENCES, ISSUERS, TIMES, TYPES } from "./verifier_rows.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, vectors: { keys: object[], tokens: string[] }[], jose?: any }} runtime
 *   `evertoken` is either entry; `vectors` are the parsed files of tests/vectors; `jose`, where there is one, must answer alike
 */
export const testVerifier = ({ test, evertoken, vectors, jose }) => {
  const { createVerifier } = evertoken;
  // Only evertoken/edge has an engine of its own; it is asked beside the host's.
  const isEdge = "createSigner" in evertoken;

  /** Every answer that there is to one token, by every engine, as one word each. */
  const answers = async (signer, token, options, perCall) => {
    const verifier = createVerifier({ keys: signer.keys, ...options });
    const found = { verify: await verifier.verify(token, perCall).then(() => "accepted", described) };
    if (isEdge) found.verifySync = attempt(() => verifier.verifySync(token, perCall));
    if (jose && !perCall) found.jose = await joseAnswer(signer, token, options);
    verifier.dispose();
    return found;
  };

  const joseAnswer = (signer, token, { now, ...rest }) => {
    const options = { clockTolerance: 5, requiredClaims: ["exp"], ...rest };
    return jose.jwtVerify(token, signer.joseKey, { ...options, currentDate: new Date(now()) }).then(() => "accepted", described);
  };

  const table = (name, rows) =>
    test(name, async () => {
      for (const [alg, signer] of Object.entries(await signers())) {
        for (const { payload, header, options, now = AT, answer, jose: theirs = answer } of rows) {
          const token = await signer.sign(payload, header);
          for (const [who, found] of Object.entries(await answers(signer, token, { now: () => now * 1000, ...options }))) {
            equal(found, who === "jose" ? theirs : answer, `${alg} ${who} ${JSON.stringify({ payload, header, options, now })}`);
          }
        }
      }
    });

  table("V3: times at their edges, in every engine", TIMES);
  table("V3, V4: the age of a token", AGES);
  table("V4: aud as a string and as an array", AUDIENCES);
  table("V4: one issuer, a list of them, a subject", ISSUERS);
  table("V4: typ with and without application/", TYPES);

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

const described = ({ code, claim, reason }) => [code, claim, reason].filter(Boolean).join(" ");

const attempt = (run) => {
  try {
    run();
    return "accepted";
  } catch (error) {
    return described(error);
  }
};
