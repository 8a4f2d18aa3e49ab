// The verifiers that are compared, each as a function from a token to an outcome of one shape.

import { compactVerify, createLocalJWKSet, errors, jwtVerify } from "jose";
import { createVerifier, isTokenError } from "evertoken";
import { createVerifier as createEdgeVerifier } from "evertoken/edge";
import "./host.mjs";
import { inWasm } from "./engines.mjs";
import { fitting } from "./keys.mjs";

/** @typedef {{ ok: true, header: object, content: object | string } | { ok: false, code: string, claim?: string, reason?: string }} Outcome */
/** @typedef {import("./rounds.mjs").Round} Round */
/** @typedef {import("./tokens.mjs").Token} Token */

/** What jose says, in words that are no code of ours, of a key that cannot do what is asked. */
export const UNFIT_KEY = "a key that cannot be used";

/**
 * The readers for one round. Those of evertoken must agree in everything, the first of them being the measure:
 * it has every algorithm, and says of every key what is wrong with it.
 * @param {Round} round
 */
export function readers(round) {
  const options = { ...round.options, keys: round.keys, now: () => round.now };
  const main = createVerifier(options);
  const edge = createEdgeVerifier(options);
  const alone = inWasm.createVerifier(options);
  const now = (verifier) => ({ text, claimsRules }) => (claimsRules ? outcome(async () => verifier.verifySync(text)) : undefined);
  return {
    ours: {
      "evertoken/edge": (token) => asked(edge, token),
      evertoken: (token) => asked(main, token),
      "evertoken/edge, verifySync": now(edge),
      "evertoken/edge, in wasm alone": now(alone),
    },
    jose: peer(round),
    dispose() {
      main.dispose();
      edge.dispose();
      alone.dispose();
    },
  };
}

const asked = (verifier, { text, claimsRules }) =>
  outcome(() => (claimsRules ? verifier.verify(text) : verifier.verifySignature(text)));

/** @returns {Promise<Outcome>} */
async function outcome(verify) {
  try {
    const { header, claims, payload } = await verify();
    return { ok: true, header, content: claims ?? Buffer.from(payload).toString("latin1") };
  } catch (error) {
    if (!isTokenError(error)) throw error;
    const { code, claim, reason } = error;
    return { ok: false, code, ...(reason && { claim, reason }) };
  }
}

/** jose with the same keys and options. */
function peer({ keys: ours, same: keys = ours, options, now }) {
  const { crit, requiredClaims = ["exp"], clockTolerance = 5, algorithms = allowedBy(keys), ...rest } = options;
  const understood = crit && Object.fromEntries(crit.map((name) => [name, true]));
  const given = { ...rest, algorithms, requiredClaims, clockTolerance, crit: understood, currentDate: new Date(now) };
  /** @type {any} */
  let key;
  return async ({ text, claimsRules }) => {
    try {
      key ??= "keys" in keys ? createLocalJWKSet(keys) : (keys.secret ?? structuredClone(keys));
      const { protectedHeader, payload } = claimsRules ? await jwtVerify(text, key, given) : await compactVerify(text, key, given);
      const content = payload instanceof Uint8Array ? Buffer.from(payload).toString("latin1") : payload;
      return { ok: true, header: protectedHeader, content };
    } catch (error) {
      // What is wrong with a key comes as TypeError, SyntaxError or the host's DOMException.
      if (!(error instanceof errors.JOSEError)) return { ok: false, code: UNFIT_KEY, cause: error };
      const { code, claim, reason } = error;
      return { ok: false, code, ...(reason && reason !== "unspecified" && { claim, reason }) };
    }
  };
}

/** jose allows what the token says unless told: it is told what these keys allow. */
function allowedBy(keys) {
  if (keys.secret) return [keys.alg];
  const all = Array.isArray(keys.keys) ? keys.keys : [keys];
  return all.flatMap((key) => fitting(key ?? {}).filter((alg) => key.alg === undefined || twins(key.alg).includes(alg)));
}

const twins = (alg) => (alg === "EdDSA" || alg === "Ed25519" ? ["EdDSA", "Ed25519"] : [alg]);
