// Keys that a server publishes, in any runtime: the server is a function, and time passes when a test says so.

import { equal, ok, refused } from "./check.mjs";

const START = 1_800_000_000;
const URL_OF_KEYS = "https://issuer.example/jwks";

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const encode = (text) => new TextEncoder().encode(text);

/** A pair of keys with the name `kid`, and tokens that it signs. */
const keyPair = async (kid) => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const part = (value) => base64url(encode(JSON.stringify(value)));
  const input = `${part({ alg: "ES256", kid })}.${part({ sub: kid, exp: START + 1e8 })}`;
  const token = `${input}.${base64url(new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, encode(input))))}`;
  return { jwk: { kty, crv, x, y, kid }, token };
};

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, isolated?: boolean }} runtime
 *   `isolated` where a request must not wait for what another one began
 */
export const testRemote = ({ test, evertoken, isolated = false }) => {
  const isEdge = "createSigner" in evertoken;

  /** A server of keys that counts, and a verifier of what it publishes. */
  const world = async (options = {}, kids = ["a", "b"]) => {
    const pairs = Object.fromEntries(await Promise.all(kids.map(async (kid) => [kid, await keyPair(kid)])));
    const server = {
      fetches: 0,
      published: ["a"],
      headers: {},
      answer: async () => server.set(),
      set: () => Response.json({ keys: server.published.map((kid) => pairs[kid].jwk) }, { headers: server.headers }),
    };
    const clock = { seconds: START };
    const fetch = async (...args) => {
      server.fetches++;
      return server.answer(...args);
    };
    const verifier = evertoken.createVerifier({ keys: { url: URL_OF_KEYS, fetch, ...options }, now: () => clock.seconds * 1000 });
    const verify = (kid) => verifier.verify(pairs[kid].token);
    return { server, clock, verifier, verify, token: (kid) => pairs[kid].token };
  };
  const dead = async () => {
    throw new TypeError("connection refused");
  };
  /** Lets what nobody waits for come to its end. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

  test("V5: one fetch serves a thousand parallel verifies, and every later one", async () => {
    const { server, verify, verifier } = await world();
    server.answer = async () => {
      await settle();
      return server.set();
    };
    const answers = await Promise.all(Array.from({ length: 1000 }, () => verify("a")));
    ok(answers.every(({ claims }) => claims.sub === "a"), "all verified");
    await verifier.ready;
    await verify("a");
    equal(server.fetches, 1);
  });

  test("V5: the keys are asked for as a key set", async () => {
    const { server, verifier } = await world();
    let asked;
    server.answer = async (url, init) => {
      asked = { url: String(url), init };
      return server.set();
    };
    await verifier.ready;
    equal(asked.url, URL_OF_KEYS);
    equal(new Headers(asked.init.headers).get("accept"), "application/jwk-set+json, application/json");
    equal(asked.init.redirect, "manual");
    ok(asked.init.signal instanceof AbortSignal, "it can be broken off");
    ok(!asked.init.method && !asked.init.body, "a plain GET");
  });

  test("V5: keys are fetched again after ttl, rotation is picked up and withdrawn keys verify nothing", async () => {
    const { server, clock, verify } = await world({ ttl: 100 });
    await verify("a");
    clock.seconds += 99;
    await verify("a");
    equal(server.fetches, 1);
    server.published = ["b"];
    clock.seconds += 1;
    await refused(verify("a"), { code: "ERR_JWKS_NO_MATCHING_KEY", retryable: false });
    equal((await verify("b")).claims.sub, "b");
    equal(server.fetches, 2);
  });

  test("V5: Cache-Control and Age are obeyed, within bounds", async () => {
    for (const [cacheControl, age, life] of [
      ["max-age=60", "0", 60],
      ["public, max-age=7200", "200", 7000],
      ["no-store", "0", 30],
      ["max-age=0, must-revalidate", "0", 30],
      ["max-age=99999999", "0", 86_400],
      ["private", "0", 600],
    ]) {
      const { server, clock, verify } = await world();
      server.headers = { "cache-control": cacheControl, age };
      await verify("a");
      clock.seconds += life - 1;
      await verify("a");
      equal(server.fetches, 1, `${cacheControl}, before its end`);
      clock.seconds += 1;
      await verify("a");
      equal(server.fetches, 2, `${cacheControl}, after its end`);
    }
  });

  test("V5: stale keys serve while the server is dead, until staleIfError, and it is asked again", async () => {
    const { server, clock, verify } = await world({ ttl: 100, staleIfError: 1000 });
    await verify("a");
    server.answer = dead;
    clock.seconds += 100;
    await verify("a");
    equal(server.fetches, 2);
    await verify("a");
    await settle();
    equal(server.fetches, 3, "the first failure is tried again at once");
    for (let n = 0; n < 50; n++) await verify("a");
    equal(server.fetches, 3, "then less often");
    clock.seconds += 900;
    await verify("a");
    await settle();
    equal(server.fetches, 4);
    clock.seconds += 99;
    await verify("a");
    await settle();
    clock.seconds += 1;
    await refused(verify("a"), { code: "ERR_JWKS_UNAVAILABLE", retryable: true });
    server.answer = async () => server.set();
    clock.seconds += 100;
    await verify("a");
  });

  test("V5: a retry brings the new keys in, and holds nobody up that shares its promises", async () => {
    const { server, clock, verify } = await world({ ttl: 100 });
    await verify("a");
    server.answer = dead;
    clock.seconds += 100;
    await verify("a");
    server.published = ["b"];
    let answer = () => {};
    server.answer = () => (isolated ? server.set() : new Promise((resolve) => (answer = () => resolve(server.set()))));
    if (isolated) {
      await refused(verify("a"), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    } else {
      await verify("a");
      await verify("a");
      answer();
      await settle();
      await refused(verify("a"), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    }
    await verify("b");
    equal(server.fetches, 3);
  });

  test("V5: an unknown kid is fetched for after the cooldown only, by one fetch for all", async () => {
    const { server, clock, verify } = await world({ cooldown: 20 });
    await verify("a");
    server.published = ["a", "b"];
    clock.seconds += 19;
    await refused(verify("b"), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    equal(server.fetches, 1);
    clock.seconds += 1;
    const answers = await Promise.all(Array.from({ length: 1000 }, () => verify("b")));
    equal(answers.length, 1000);
    equal(server.fetches, 2);
    await verify("a");
    equal(server.fetches, 2);
  });

  test("V5: kids that are unknown for good cost one fetch a cooldown, and one kid ever fewer", async () => {
    const kids = ["a", "b", ...Array.from({ length: 20 }, (_, index) => `x${index}`)];
    const { server, clock, verify } = await world({}, kids);
    await verify("a");
    clock.seconds += 30;
    for (const kid of kids.slice(2)) await refused(verify(kid), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    equal(server.fetches, 2);
    const { server: other, clock: time, verify: ask } = await world({ ttl: 1e6 });
    await ask("a");
    for (let second = 0; second < 600; second += 10) {
      time.seconds += 10;
      await refused(ask("b"), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    }
    // At 30, 60, 120, 240 and 480 s.
    equal(other.fetches, 6);
  });

  test("V5: verifySignature finds rotated keys too", async () => {
    const { server, clock, verifier, token } = await world();
    const { payload } = await verifier.verifySignature(token("a"));
    equal(JSON.parse(new TextDecoder().decode(payload)).sub, "a");
    server.published = ["b"];
    clock.seconds += 30;
    await verifier.verifySignature(token("b"));
    await refused(verifier.verifySignature(token("a")), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    equal(server.fetches, 2);
  });

  test("V5: where the server fails nobody is told that a key does not exist", async () => {
    const { server, clock, verify } = await world();
    await verify("a");
    server.answer = dead;
    clock.seconds += 30;
    await refused(verify("b"), { code: "ERR_JWKS_UNAVAILABLE", retryable: true });
    await verify("a");
    server.published = ["a", "b"];
    server.answer = async () => server.set();
    await verify("b");
  });

  test("V5: a server that is dead from the start is told so, and no storm follows", async () => {
    const { server, clock, verify, verifier } = await world();
    server.answer = dead;
    const failures = await Promise.allSettled(Array.from({ length: 100 }, () => verify("a")));
    ok(failures.every(({ reason }) => reason?.code === "ERR_JWKS_UNAVAILABLE" && reason.retryable), "all are told");
    ok(failures.some(({ reason }) => reason.cause instanceof TypeError), `with its cause: ${failures.map(({ reason }) => reason.cause)}`);
    if (!isolated) equal(server.fetches, 1);
    const before = server.fetches;
    await refused(verifier.ready, { code: "ERR_JWKS_UNAVAILABLE" });
    for (let n = 0; n < 50; n++) await refused(verify("a"), { code: "ERR_JWKS_UNAVAILABLE" });
    ok(server.fetches <= before + 1, `${server.fetches - before} more fetches`);
    const error = await refused(verify("a"), {});
    ok(error.retryAfter >= 1, "when to come back");
    server.answer = async () => server.set();
    clock.seconds += error.retryAfter;
    await verify("a");
  });

  test("V5: what is no key set is refused, and leaves the keys as they are", async () => {
    const key = (await keyPair("a")).jwk;
    for (const [answer, expected] of [
      [() => new Response("<html>"), { code: "ERR_JWKS_INVALID", retryable: false }],
      [() => new Response(""), { code: "ERR_JWKS_INVALID" }],
      [() => Response.json(key), { code: "ERR_JWKS_INVALID" }],
      [() => Response.json({ keys: "none" }), { code: "ERR_JWKS_INVALID" }],
      [() => Response.json({ keys: [] }, { status: 500 }), { code: "ERR_JWKS_UNAVAILABLE", status: 500, retryable: true }],
      [() => new Response(null, { status: 404 }), { code: "ERR_JWKS_UNAVAILABLE", status: 404 }],
      [() => new Response(null, { status: 204 }), { code: "ERR_JWKS_UNAVAILABLE", status: 204 }],
      [() => Response.json({ keys: [], padding: "x".repeat(262_144) }), { code: "ERR_JWKS_INVALID" }],
      [() => "no response", { code: "ERR_JWKS_UNAVAILABLE" }],
      [() => Response.redirect("https://elsewhere.example/jwks"), { code: "ERR_JWKS_INVALID" }],
      [() => Response.redirect("http://issuer.example/jwks"), { code: "ERR_JWKS_INVALID" }],
      [() => Response.redirect("https://issuer.example:444/jwks"), { code: "ERR_JWKS_INVALID" }],
      [() => Response.redirect(URL_OF_KEYS), { code: "ERR_JWKS_INVALID" }],
    ]) {
      const cold = await world();
      cold.server.answer = async () => answer();
      await refused(cold.verify("a"), expected);
      const warm = await world();
      await warm.verify("a");
      warm.server.answer = async () => answer();
      warm.clock.seconds += 600;
      await warm.verify("a");
      ok(warm.server.fetches > 1, "it was asked");
    }
  });

  test("V5: redirects are followed on the same origin, three at most", async () => {
    for (const [redirects, code] of [[3, undefined], [4, "ERR_JWKS_INVALID"]]) {
      const { server, verify } = await world();
      const asked = [];
      server.answer = async (url) => {
        asked.push(url);
        return asked.length <= redirects ? new Response(null, { status: 302, headers: { location: `/moved/${asked.length}` } }) : server.set();
      };
      equal(await verify("a").then(() => undefined, (error) => error.code), code);
      equal(asked.at(-1), "https://issuer.example/moved/3");
    }
  });

  test("V5: no more of an endless answer is read than it takes to refuse it", async () => {
    const { server, verify } = await world();
    let sent = 0;
    let cancelled = false;
    const pull = (controller) => {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    };
    server.answer = async () => new Response(new ReadableStream({ pull, cancel: () => void (cancelled = true) }));
    await refused(verify("a"), { code: "ERR_JWKS_INVALID" });
    await settle();
    ok(sent <= 10 * 65_536, `${sent} bytes were read`);
    ok(cancelled, "the rest is not sent");
  });

  test("V5: a server that never answers is given up after timeout, whether or not its fetch is", async () => {
    const { server, clock, verify } = await world({ timeout: 0.1 });
    let signal;
    server.answer = (_, init) => {
      signal = init.signal;
      return new Promise(() => {});
    };
    await refused(verify("a"), { code: "ERR_JWKS_TIMEOUT", retryable: true });
    ok(signal.aborted, "its fetch was broken off");
    server.answer = async () => server.set();
    await verify("a");
    clock.seconds += 600;
    server.answer = async () => new Response(new ReadableStream({}));
    await verify("a");
  });

  test("V5: usable keys of a set serve beside unusable ones, and a published secret verifies nothing", async () => {
    const { server, verify } = await world();
    const secret = { kty: "oct", kid: "s", k: base64url(new Uint8Array(32)) };
    const { jwk } = await keyPair("a");
    const others = [{ kty: "RSA", kid: "w", n: "AQAB", e: "AQAB" }, { kty: "future", kid: "f" }, { ...jwk, kid: "off", x: jwk.y }, secret];
    server.answer = async () => {
      const { keys } = await server.set().json();
      return Response.json({ keys: [...others, ...keys] });
    };
    await verify("a");
    const hmac = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const input = [{ alg: "HS256", kid: "s" }, { exp: START + 1e8 }].map((part) => base64url(encode(JSON.stringify(part)))).join(".");
    const token = `${input}.${base64url(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, encode(input))))}`;
    const { verifier } = await world();
    await refused(verifier.verify(token), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
  });

  test("V5: verifySync uses keys at hand and never fetches", async () => {
    const { server, clock, verifier, token } = await world();
    const sync = (kid) => {
      try {
        return verifier.verifySync(token(kid)).claims.sub;
      } catch (error) {
        return error.code;
      }
    };
    equal(sync("a"), "ERR_SYNC_UNAVAILABLE");
    await verifier.ready;
    equal(sync("a"), isEdge ? "a" : "ERR_SYNC_UNAVAILABLE");
    if (!isEdge) return;
    equal(sync("b"), "ERR_JWKS_NO_MATCHING_KEY");
    clock.seconds += 30;
    equal(sync("b"), "ERR_SYNC_UNAVAILABLE", "verify() would fetch first");
    await refused(verifier.verify(token("b")), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    equal(sync("b"), "ERR_JWKS_NO_MATCHING_KEY");
    server.answer = dead;
    clock.seconds += 600;
    equal(sync("a"), "ERR_SYNC_UNAVAILABLE");
    await verifier.verify(token("a"));
    equal(sync("a"), "a", "stale keys serve");
  });

  test("V5: a verifier that is disposed of while it fetches says so", async () => {
    const { server, verify, verifier } = await world();
    let answer = () => {};
    server.answer = () => new Promise((resolve) => (answer = () => resolve(server.set())));
    const waiting = verify("a");
    await settle();
    verifier.dispose();
    answer();
    await refused(waiting, { code: "ERR_NOT_READY" });
  });

  test("V5: wrong options are named", async () => {
    const url = URL_OF_KEYS;
    for (const [keys, option] of [
      [{ url: "http://issuer.example/jwks" }, "keys.url"],
      [{ url: "http://localhost@issuer.example/" }, "keys.url"],
      [{ url: "https://me:secret@issuer.example/jwks" }, "keys.url"],
      [{ url: "/jwks" }, "keys.url"],
      [{ url: "" }, "keys.url"],
      [{ url: null }, "keys.url"],
      [{ url, ttl: -1 }, "keys.ttl"],
      [{ url, ttl: "600" }, "keys.ttl"],
      [{ url, ttl: NaN }, "keys.ttl"],
      [{ url, cooldown: Infinity }, "keys.cooldown"],
      [{ url, timeout: 0 }, "keys.timeout"],
      [{ url, timeout: 1e6 }, "keys.timeout"],
      [{ url, staleIfError: true }, "keys.staleIfError"],
      [{ url, fetch: "fetch" }, "keys.fetch"],
      [{ url, cacheMaxAge: 1 }, "keys.cacheMaxAge"],
    ]) {
      const make = async () => evertoken.createVerifier({ keys }).ready;
      await refused(make(), { code: "ERR_OPTIONS", option });
    }
    for (const url of ["http://localhost:1/jwks", "http://127.0.0.1:1/", "http://[::1]:1/"]) {
      await refused(evertoken.createVerifier({ keys: { url, fetch: dead } }).ready, { code: "ERR_JWKS_UNAVAILABLE" });
    }
  });
};
