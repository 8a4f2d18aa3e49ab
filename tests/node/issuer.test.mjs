// The issuer's suite and the store contract, in Node on memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as hono from "hono/jwt";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as edge from "../../src/js/edge/node.js";
import { testStore } from "../../src/js/stores/contract.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testIssuing } from "../suites/issuing.mjs";
import { testPeers } from "../suites/peers.mjs";
import { world } from "../suites/world.mjs";

testIssuing({ test, edge, jose, makeStore: memoryStore });
testPeers({ test, edge, jose, hono, oauth, makeStore: memoryStore });
testStore(memoryStore, { test });

test("each key is imported once, however many issuers and verifiers are made", async ({ mock }) => {
  const { options, signIn } = await world({ edge, makeStore: memoryStore });
  // node:crypto takes the keys in here, where it is there.
  const takers = ["createPrivateKey", "createPublicKey"].map((name) => mock.method(process.getBuiltinModule("node:crypto"), name).mock);
  let tokens = await signIn();
  for (let n = 0; n < 3; n++) {
    const issuer = edge.createIssuer(options);
    tokens = await issuer.refresh(tokens.refresh_token, { clientId: "web" });
    await issuer.verifier().verify(tokens.access_token);
    await issuer.revoke(tokens.access_token);
  }
  // The private part to sign with, and the public one twice: to see that they fit, and to verify with.
  assert.deepEqual(takers.map((taker) => taker.callCount()), [1, 2]);
});
