// Browsers and bundlers: fetched at first use. The literal `new URL` is what bundlers look for.

import * as glue from "../../../pkg/evertoken_edge.js";
import { bind } from "../edge.js";
import { lazily } from "../module.js";

export { isTokenError, TokenError } from "../errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createSigner, challenge, generateKey, importKey, publicJwk, thumbprint, createIssuer, createAttemptLimiter } =
  /* @__PURE__ */ bind(lazily(glue, { later: () => new URL("../../../pkg/evertoken_edge_bg.wasm", import.meta.url) }));
