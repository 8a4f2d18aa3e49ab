// Vercel and Next.js edge functions: `?module` asks for the compiled module.

import module from "../../../pkg/evertoken_edge_bg.wasm?module";
import * as glue from "../../../pkg/evertoken_edge.js";
import { bind } from "../edge.js";
import { lazily } from "../module.js";
import { ours } from "../realm.js";

export { isTokenError, TokenError } from "../errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createSigner, challenge, generateKey, importKey, publicJwk, thumbprint, createIssuer, createAttemptLimiter } =
  /* @__PURE__ */ bind(lazily(glue, { now: () => ours(module), isolated: true }));
