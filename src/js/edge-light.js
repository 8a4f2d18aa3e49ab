// Vercel and Next.js edge functions: `?module` asks for the compiled module.

import module from "../../pkg/evertoken_bg.wasm?module";
import * as glue from "../../pkg/evertoken.js";
import { following } from "./client/redirects.js";
import { bind } from "./main.js";
import { lazily } from "./module.js";
import { ours } from "./realm.js";

export { isTokenError, TokenError } from "./errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createClient } =
  /* @__PURE__ */ bind(lazily(glue, { now: () => ours(module), isolated: true }), following);
