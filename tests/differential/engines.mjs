// evertoken/edge as on a host without node:crypto, beside the one of this host: what is computed there is computed in wasm.

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import * as glue from "../../pkg/evertoken_edge.js?in-wasm-alone";
import { bind } from "../../src/js/edge.js";
import { lazily } from "../../src/js/module.js";

export const inWasm = bind(lazily(glue, { now: () => readFileSync(new URL("../../pkg/evertoken_edge_bg.wasm", import.meta.url)) }));

// The engine looks once for node:crypto, when it is first asked for a signature, and does not find it.
const { getBuiltinModule } = process;
process.getBuiltinModule = undefined;
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const verifier = inWasm.createVerifier({ keys: publicKey.export({ format: "jwk" }), requiredClaims: [] });
try {
  verifier.verifySync(["eyJhbGciOiJFUzI1NiJ9", "e30", Buffer.alloc(64, 1).toString("base64url")].join("."));
} catch (error) {
  if (error.code !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") throw error;
}
verifier.dispose();
process.getBuiltinModule = getBuiltinModule;
