// Node and Bun: read from disk at first use.

import { readFileSync } from "node:fs";
import * as glue from "../../pkg/evertoken.js";
import { following } from "./client/redirects.js";
import { bind } from "./main.js";
import { lazily } from "./module.js";

export { isTokenError, TokenError } from "./errors.js";
export const { init, decode, expiresIn, decodeSync, expiresInSync, createVerifier, createClient } =
  /* @__PURE__ */ bind(lazily(glue, { now: () => readFileSync(new URL("../../pkg/evertoken_bg.wasm", import.meta.url)) }), following);
