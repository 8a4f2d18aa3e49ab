// Deno: a source phase import needs no permission, reading the file would.

import source module from "../../pkg/evertoken_bg.wasm";
import * as glue from "../../pkg/evertoken.js";
import { following } from "./client/redirects.js";
import { bind } from "./main.js";
import { lazily } from "./module.js";

export { isTokenError, TokenError } from "./errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createClient } =
  /* @__PURE__ */ bind(lazily(glue, { now: () => module }), following);
