// Everything but the client, over the whole module.

import { decoding } from "../decode.js";
import { initOf, verifierOf } from "../tools.js";
import { whole } from "./module.js";

export const init = /* @__PURE__ */ initOf(whole);
export const { decode, decodeSync, expiresIn, expiresInSync } = /* @__PURE__ */ decoding(whole);
export const createVerifier = /* @__PURE__ */ verifierOf(whole);
