// Browsers and bundlers: fetched at first use. The literal `new URL` is what bundlers look for.

import * as glue from "../../pkg/evertoken.js";
import { bind } from "./main.js";
import { lazily } from "./module.js";

export { isTokenError, TokenError } from "./errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createClient } =
  /* @__PURE__ */ bind(lazily(glue, { later: () => new URL("../../pkg/evertoken_bg.wasm", import.meta.url) }));
