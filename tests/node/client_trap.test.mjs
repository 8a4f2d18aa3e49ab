// The suite of wasm instances that trap, in Node, and clients and verifiers that share one (C49).

import assert from "node:assert/strict";
import { test } from "node:test";
import * as glue from "../../pkg/evertoken.js";
import { createSigner, generateKey, publicJwk } from "../../src/js/edge/node.js";
import * as evertoken from "../../src/js/node.js";
import { testTraps } from "../suites/traps.mjs";
import { tokenServer } from "./token-server.mjs";

testTraps({ test, evertoken, glue });

test("C49: other clients and verifiers of the same instance go on as well", async (t) => {
  const spoil = () => new Uint8Array(glue.initSync().memory.buffer).fill(1);
  const signedIn = async () => {
    const server = await tokenServer();
    const client = evertoken.createClient({ ...server.options, storage: "memory" });
    t.after(() => (client.dispose(), server.close()));
    await client.setTokens(server.tokens());
    return { client, server };
  };
  const force = { forceRefresh: true };
  const key = await generateKey("ES256");
  const token = await createSigner({ key, expiresIn: 300 }).sign({ sub: "ann" });
  const verifier = evertoken.createVerifier({ keys: publicJwk(key) });
  await verifier.verify(token);
  const [one, two] = [await signedIn(), await signedIn()];
  spoil();
  await one.client.getAccessToken();
  assert.equal((await verifier.verify(token)).claims.sub, "ann");
  assert.equal(await two.client.getAccessToken(force), two.server.tokens().access_token);
  spoil();
  await verifier.verify(token).catch(() => {});
  assert.equal((await verifier.verify(token)).claims.sub, "ann");
  assert.equal(await two.client.getAccessToken(force), two.server.tokens().access_token);
  verifier.dispose();
});
