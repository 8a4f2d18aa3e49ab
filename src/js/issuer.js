// JS because Request, Response, stores and callbacks are the host's: plain functions around one handle.

import { frozen, text, typed } from "./decode.js";
import { tokenError } from "./errors.js";
import { verifierOf } from "./verifier.js";

/** @param {import("./module.js").Wasm<any>} wasm */
export const issuing = (wasm) => {
  const createIssuer = (/** @type {object} */ options) => {
    /** @type {any} */
    let handle;
    const open = (/** @type {any} */ glue) => (handle ??= typed(() => new glue.Issuer(options)));
    // Where the wasm can be had at once, wrong options are an error at once.
    if (wasm.immediate) open(wasm.sync());

    /**
     * @template T
     * @param {(issuer: any) => T} call
     * @returns {Promise<Awaited<T>>}
     */
    const asked = async (call) => {
      const issuer = handle ?? open(await wasm.ready());
      try {
        return await call(issuer);
      } catch (thrown) {
        throw tokenError(thrown);
      }
    };

    return Object.freeze({
      issue: async (/** @type {object} */ grant) => JSON.parse(await asked((issuer) => issuer.issue(grant))),
      refresh: async (/** @type {string} */ token, /** @type {object} */ context) =>
        JSON.parse(await asked((issuer) => issuer.refresh(text(token), context))),
      renew: async (/** @type {string} */ token) => JSON.parse(await asked((issuer) => issuer.renew(text(token)))),
      revoke: (/** @type {string} */ token) => asked((issuer) => issuer.revoke(text(token))),
      revokeSession: (/** @type {string} */ sessionId) => asked((issuer) => issuer.revokeSession(text(sessionId))),
      revokeSubject: (/** @type {string} */ subject, /** @type {object | undefined} */ more) =>
        asked((issuer) => issuer.revokeSubject(text(subject), more)),
      sessions: async (/** @type {string} */ subject) => JSON.parse(await asked((issuer) => issuer.sessions(text(subject)))),
      elevate: (/** @type {string} */ sessionId, /** @type {object} */ proof) => asked((issuer) => issuer.elevate(text(sessionId), proof)),
      bumpPermissions: (/** @type {string} */ subject) => asked((issuer) => issuer.bumpPermissions(text(subject))),
      jwks: async () => frozen(await asked((issuer) => issuer.jwks())),
      metadata: () => typed(() => frozen((handle ?? open(wasm.sync())).metadata())),
      handle: (/** @type {Request} */ request, /** @type {object | undefined} */ context) =>
        asked((issuer) => issuer.handle(request, context)),
      signInResponse: (/** @type {Request} */ request, /** @type {object} */ grant, /** @type {ResponseInit | undefined} */ init) =>
        asked((issuer) => issuer.signInResponse(request, grant, init)),
      signOutResponse: (/** @type {Request} */ request) => asked((issuer) => issuer.signOutResponse(request)),
      authenticate: async (/** @type {Request} */ request) => {
        const known = await asked((issuer) => issuer.authenticate(request));
        return known && Object.freeze({ claims: frozen(wasm.sync().decode(known[0])).claims, headers: known[1] });
      },
      verifier: (/** @type {object | undefined} */ verifierOptions) =>
        verifierOf(wasm, (glue) => open(glue).verifier(verifierOptions)),
    });
  };
  return { createIssuer };
};
