// Remote keys in real workerd, through wrangler, where a request must not wait for what another one began.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as edge from "../../src/js/edge/node.js";
import { serve } from "../../www/scripts/serve.mjs";
import { keyServer, publishing } from "../node/key-server.mjs";

const state = mkdtempSync(join(tmpdir(), "evertoken-workerd-remote-"));
const worker = await serve({ port: 0, state, config: fileURLToPath(new URL("remote.jsonc", import.meta.url)) });
after(async () => {
  await worker.stop();
  rmSync(state, { recursive: true, force: true });
});

const ask = async (query = {}, init = {}) => (await fetch(new URL(`?${new URLSearchParams(query)}`, worker.url), init)).json();

// The worker knows the names, so that no test can be forgotten here.
for (const name of await ask()) {
  test(name, async () => {
    const { passed, error } = await ask({ test: name });
    assert.ok(passed, error);
  });
}

const keys = Object.fromEntries(await Promise.all(["a", "b"].map(async (kid) => [kid, await edge.generateKey("ES256", { kid })])));
const tokens = Object.fromEntries(await Promise.all(
  Object.entries(keys).map(async ([kid, key]) => [kid, await edge.createSigner({ key }).sign({ sub: kid }, { expiresIn: 3600 })]),
));
const publish = (kid) => publishing([edge.publicJwk(keys[kid])]);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const slowly = (milliseconds, answer) => (request, response) => setTimeout(() => answer(request, response), milliseconds);

/** Runs `check` with a server, and with requests to the worker that verify with its keys. */
const withServer = (name, options, check) => {
  for (const entry of ["main", "edge"]) {
    test(`${entry}: V5: ${name}`, async () => {
      const server = await keyServer(publish("a"));
      const request = (kid = "a", times = 1, init = {}) =>
        ask({ verifier: JSON.stringify({ entry, url: server.url, ...options }), token: tokens[kid], times: String(times) }, init);
      try {
        await check({ server, request });
      } finally {
        await server.stop();
      }
    });
  }
};
const passed = (answers) => answers.forEach(({ passed, error }) => assert.ok(passed, error));

withServer("one fetch serves many requests with many tokens each, and none is made while the cache is warm", {}, async ({ server, request }) => {
  server.answer = slowly(200, publish("a"));
  passed(await Promise.all(Array.from({ length: 20 }, () => request("a", 50))));
  assert.equal(server.requests.length, 1);
  passed(await Promise.all(Array.from({ length: 20 }, () => request("a", 50))));
  assert.equal(server.requests.length, 1);
});

withServer("a slow server is asked at most once by each request", { timeout: 3 }, async ({ server, request }) => {
  server.answer = slowly(1500, publish("a"));
  passed(await Promise.all(Array.from({ length: 5 }, () => request("a", 10))));
  assert.ok(server.requests.length <= 5, `${server.requests.length} fetches`);
});

withServer("nobody waits for a request that is gone", { timeout: 1 }, async ({ server, request }) => {
  let first = true;
  server.answer = (...exchange) => (first ? (first = false) : publish("a")(...exchange));
  const controller = new AbortController();
  const gone = request("a", 1, { signal: controller.signal }).catch(({ name }) => name);
  while (server.requests.length === 0) await pause(5);
  const others = Array.from({ length: 5 }, () => request("a", 10));
  controller.abort();
  assert.equal(await gone, "AbortError");
  passed(await Promise.all(others));
});

withServer("stale keys serve while the server is dead, and a later request brings the new ones", { ttl: 0.3, cooldown: 0.2 }, async ({ server, request }) => {
  passed([await request()]);
  server.answer = (incoming) => incoming.socket.destroy();
  await pause(350);
  for (let n = 0; n < 10; n++) passed([await request()]);
  assert.ok(server.requests.length > 1, "it was asked again");
  server.answer = publish("b");
  await pause(500);
  assert.equal((await request("a")).code, "ERR_JWKS_NO_MATCHING_KEY");
  passed([await request("b")]);
});

withServer("a redirect to another origin is not even asked there", {}, async ({ server, request }) => {
  const other = await keyServer(publish("a"));
  server.answer = (_, response) => response.writeHead(302, { location: other.url }).end();
  assert.equal((await request()).code, "ERR_JWKS_INVALID");
  assert.equal(other.requests.length, 0);
  await other.stop();
});
