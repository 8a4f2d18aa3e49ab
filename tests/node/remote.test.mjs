// Keys from a real HTTP server, with jose's remote set beside ours where both have the option.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as jose from "jose";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { keyServer, publishing } from "./key-server.mjs";

const keys = Object.fromEntries(await Promise.all(["a", "b"].map(async (kid) => [kid, await edge.generateKey("ES256", { kid })])));
const tokens = Object.fromEntries(await Promise.all(
  Object.entries(keys).map(async ([kid, key]) => [kid, await edge.createSigner({ key }).sign({ sub: kid }, { expiresIn: 3600 })]),
));
const published = (...kids) => kids.map((kid) => edge.publicJwk(keys[kid]));
const refused = (promise, code) => assert.rejects(promise, (error) => main.isTokenError(error) && (assert.equal(error.code, code, error.stack), true));

/** Runs `check` with a server and a verifier of its keys, for each entry. */
const withServer = (name, answer, options, check) => {
  for (const [entry, { createVerifier }] of Object.entries({ main, edge })) {
    test(`V5: ${name} (${entry})`, async () => {
      const server = await keyServer(answer);
      const clock = { ahead: 0 };
      try {
        const { verify, verifySync } = createVerifier({ keys: { url: server.url, ...options }, now: () => Date.now() + clock.ahead * 1000 });
        await check({ server, verify, verifySync, clock });
      } finally {
        await server.stop();
      }
    });
  }
};

withServer("one request for a thousand verifies, and none while the keys are fresh", publishing(published("a")), {}, async ({ server, verify }) => {
  await Promise.all(Array.from({ length: 1000 }, () => verify(tokens.a)));
  await verify(tokens.a);
  assert.equal(server.requests.length, 1);
  const [{ method, headers }] = server.requests;
  assert.equal(method, "GET");
  assert.match(headers.accept, /application\/jwk-set\+json/);
});

withServer("a rotated key is found, a withdrawn one gone", publishing(published("a")), { ttl: 60 }, async ({ server, verify, clock }) => {
  await verify(tokens.a);
  server.answer = publishing(published("b"));
  clock.ahead = 31;
  assert.equal((await verify(tokens.b)).claims.sub, "b");
  await refused(verify(tokens.a), "ERR_JWKS_NO_MATCHING_KEY");
  assert.equal(server.requests.length, 2);
});

withServer("keys serve on while their server is dead", publishing(published("a")), { ttl: 60 }, async ({ server, verify, clock }) => {
  await verify(tokens.a);
  await server.stop();
  clock.ahead = 61;
  assert.equal((await verify(tokens.a)).claims.sub, "a");
});

withServer("nothing listens", publishing([]), {}, async ({ server, verify }) => {
  await server.stop();
  const error = await verify(tokens.a).catch((error) => error);
  assert.deepEqual([error.code, error.retryable], ["ERR_JWKS_UNAVAILABLE", true]);
  assert.ok(error.cause instanceof Error);
});

withServer("a server that accepts and says nothing is given up", () => {}, { timeout: 0.2 }, async ({ server, verify }) => {
  const error = await verify(tokens.a).catch((error) => error);
  assert.deepEqual([error.code, error.retryable], ["ERR_JWKS_TIMEOUT", true]);
  assert.equal(server.requests.length, 1);
});

const halfway = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"keys":[');
};
withServer("a server that stops halfway is given up", halfway, { timeout: 0.2 }, async ({ verify }) => {
  await refused(verify(tokens.a), "ERR_JWKS_TIMEOUT");
});

const dropping = (request) => request.socket.destroy();
withServer("a connection that breaks off is a failure to fetch", dropping, {}, async ({ verify }) => {
  await refused(verify(tokens.a), "ERR_JWKS_UNAVAILABLE");
});

let sent = 0;
const endless = (_, response) => {
  sent = 0;
  response.writeHead(200);
  const chunk = Buffer.alloc(65_536, 32);
  const more = () => {
    while (!response.destroyed && response.write(chunk)) sent += chunk.length;
  };
  response.on("drain", more);
  more();
};
withServer("an endless answer is cut off", endless, {}, async ({ server, verify }) => {
  await refused(verify(tokens.a), "ERR_JWKS_INVALID");
  while (server.closed === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(sent < 100e6, `${sent} bytes were sent`);
});

withServer("garbage is no key set", (_, response) => response.end("<!doctype html>"), {}, async ({ verify }) => {
  await refused(verify(tokens.a), "ERR_JWKS_INVALID");
});

withServer("a failing status is told", (_, response) => response.writeHead(503).end("{}"), {}, async ({ verify }) => {
  const error = await verify(tokens.a).catch((error) => error);
  assert.deepEqual([error.code, error.status, error.retryable], ["ERR_JWKS_UNAVAILABLE", 503, true]);
});

const moved = (request, response) =>
  request.url === "/jwks" ? response.writeHead(307, { location: "/keys?v=2" }).end() : publishing(published("a"))(request, response);
withServer("a redirect on the same origin is followed", moved, {}, async ({ server, verify }) => {
  await verify(tokens.a);
  assert.deepEqual(server.requests.map(({ url }) => url), ["/jwks", "/keys?v=2"]);
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`V5: a redirect (${status}) to another origin is not even asked there`, async () => {
    const other = await keyServer(publishing(published("a")));
    const server = await keyServer((_, response) => response.writeHead(status, { location: other.url }).end());
    try {
      await refused(main.createVerifier({ keys: { url: server.url } }).verify(tokens.a), "ERR_JWKS_INVALID");
      assert.equal(other.requests.length, 0);
      // A fetch that follows on its own account is found out.
      const fetch = (url, init) => globalThis.fetch(url, { ...init, redirect: "follow" });
      await refused(main.createVerifier({ keys: { url: server.url, fetch } }).verify(tokens.a), "ERR_JWKS_INVALID");
    } finally {
      await Promise.all([server.stop(), other.stop()]);
    }
  });
}

test("V5: the host takes each key in once, however often the set is fetched", async (context) => {
  // New ones: the isolate remembers those of the other tests.
  const [a, b] = await Promise.all(["a", "b"].map((kid) => edge.generateKey("ES256", { kid })));
  const sign = (key) => edge.createSigner({ key }).sign({}, { expiresIn: 3600 });
  const publish = (...keys) => publishing(keys.map(edge.publicJwk));
  const [byA, byB] = [await sign(a), await sign(b)];
  const server = await keyServer(publish(a));
  const imported = context.mock.method(crypto.subtle, "importKey").mock;
  let ahead = 0;
  const { verify } = main.createVerifier({ keys: { url: server.url }, now: () => Date.now() + ahead });
  try {
    await verify(byA);
    const first = imported.callCount();
    assert.ok(first > 0, "it was taken in");
    ahead = 601_000;
    await verify(byA);
    server.answer = publish(b, a);
    ahead = 1_202_000;
    await verify(byA);
    assert.deepEqual([server.requests.length, imported.callCount()], [3, first]);
    await verify(byB);
    assert.ok(imported.callCount() > first, "a new key is taken in");
  } finally {
    await server.stop();
  }
});

// What browsers do with a redirect that may not be followed, and with one that they follow.
test("V5: where redirects are hidden, it counts where they end", async () => {
  const elsewhere = await keyServer(publishing(published("a")));
  const server = await keyServer(moved);
  const hiding = async (url, init) => {
    if (init.redirect === "follow") return globalThis.fetch(url, init);
    const response = await globalThis.fetch(url, init);
    return response.status < 300 ? response : { type: "opaqueredirect", status: 0, url, headers: new Headers(), body: null };
  };
  const { verify } = main.createVerifier({ keys: { url: server.url, fetch: hiding } });
  try {
    await verify(tokens.a);
    server.answer = (_, response) => response.writeHead(302, { location: elsewhere.url }).end();
    await refused(main.createVerifier({ keys: { url: server.url, fetch: hiding } }).verify(tokens.a), "ERR_JWKS_INVALID");
  } finally {
    await Promise.all([server.stop(), elsewhere.stop()]);
  }
});

// jose: cooldownDuration and cacheMaxAge, in milliseconds, on a clock of its own that is Date.now.
for (const [name, ahead, kid, theirs, ours] of [
  ["a fresh set", 0, "a", 1, 1],
  ["a fresh set, an unknown kid within the cooldown", 29, "b", 1, 1],
  ["an unknown kid after the cooldown", 31, "b", 2, 2],
  ["a set that is over", 601, "a", 2, 2],
]) {
  test(`V5: jose fetches as often: ${name}`, async (context) => {
    const server = await keyServer(publishing(published("a")));
    context.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    try {
      const set = jose.createRemoteJWKSet(new URL(server.url), { cooldownDuration: 30_000, cacheMaxAge: 600_000 });
      await jose.jwtVerify(tokens.a, set);
      const before = server.requests.length;
      const { verify } = main.createVerifier({ keys: { url: server.url } });
      await verify(tokens.a);
      assert.deepEqual([before, server.requests.length], [1, 2]);
      server.requests.length = 0;
      context.mock.timers.tick(ahead * 1000);
      const one = await jose.jwtVerify(tokens[kid], set).then(() => undefined, ({ code }) => code);
      const fetched = server.requests.length;
      const other = await verify(tokens[kid]).then(() => undefined, ({ code }) => code);
      assert.equal(other, one);
      assert.deepEqual([fetched + 1, server.requests.length - fetched + 1], [theirs, ours]);
    } finally {
      await server.stop();
    }
  });
}
