// What an issuer must do, on any store and in any runtime. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, AUDIENCE, claimsOf, form, grantOf, ISSUER, terms, world } from "./world.mjs";

const DAY = 86_400;
const attempt0 = "an-attempt-of-many-characters";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, jose: any, makeStore: () => any }} runtime
 */
export const testIssuer = (runtime) => {
  const { test, edge, jose } = runtime;
  const open = (options) => world(runtime, options);

  test("I1: jose accepts what is issued, at once and with zero tolerance", async () => {
    const { issuer, signIn, subject } = await open({ now: undefined });
    const tokens = await signIn({ scope: "read write", claims: { role: "admin" }, acr: "1", amr: ["pwd"] });
    const keys = jose.createLocalJWKSet(await issuer.jwks());
    const expected = { issuer: ISSUER, audience: AUDIENCE, subject, typ: "at+jwt", clockTolerance: 0, maxTokenAge: 10 };
    const { payload, protectedHeader } = await jose.jwtVerify(tokens.access_token, keys, expected);
    equal(protectedHeader.kid, (await issuer.jwks()).keys[0].kid, "kid");
    for (const name of ["iss", "sub", "aud", "exp", "iat", "jti", "sid", "client_id"]) ok(payload[name] !== undefined, `no ${name}`);
    equal(payload.client_id, "web");
    equal(payload.sid, tokens.session_id);
    equal(payload.role, "admin");
    equal(payload.scope, "read write");
    equal(payload.exp - payload.iat, 300, "life");
    equal(tokens.token_type, "Bearer");
    ok(tokens.expires_in >= 299 && tokens.expires_in <= 300, "expires_in");
    equal(tokens.generation, 1);
    ok(tokens.refresh_token_expires_in > 604_790 && tokens.session_expires_in > 2_591_990, "lifetimes");
  });

  test("I1: every algorithm that signs is verified by the issuer's own verifier", async () => {
    for (const alg of ["ES256", "EdDSA", "HS256"]) {
      const { issuer, signIn, subject } = await open({ signingKeys: [await edge.generateKey(alg)] });
      for (const revocation of ["none", "session"]) {
        const { claims } = await issuer.verifier({ revocation }).verify((await signIn()).access_token);
        equal(claims.sub, subject, alg);
      }
    }
  });

  test("I2: a thousand refreshes are a thousand generations of one record of one size", async () => {
    const { clock, refresh, signIn, watch, issuer } = await open();
    let tokens = await signIn();
    let size = 0;
    for (let n = 1; n <= 1000; n++) {
      clock.pass(10);
      tokens = await refresh(tokens, { attempt: attempt() });
      equal(tokens.generation, n + 1, "generation");
      if (n === 500) size = [...watch.records.values()][0].length;
    }
    equal(watch.records.size, 1, "records");
    const last = [...watch.records.values()][0].length;
    ok(Math.abs(last - size) <= 8, `the record grew from ${size} to ${last}`);
    await issuer.verifier({ revocation: "session" }).verify(tokens.access_token);
  });

  for (const [how, more] of [["with one attempt", { attempt: attempt0 }], ["without attempts", {}]]) {
    test(`I3: a hundred parallel refreshes ${how} make one generation`, async () => {
      const { refresh, signIn } = await open();
      const tokens = await signIn();
      const answers = await Promise.allSettled(Array.from({ length: 100 }, () => refresh(tokens, more)));
      const given = answers.filter(({ status }) => status === "fulfilled").map(({ value }) => terms(value));
      ok(given.length > 0, "nobody got tokens");
      for (const one of given) same(one, given[0]);
      for (const { reason } of answers.filter(({ status }) => status === "rejected")) ok(reason.retryable, `${reason.code} ${reason.message}`);
      equal((await refresh(given[0].refresh)).generation, 3, "the chain goes on");
    });
  }

  test("I4: a lost answer, asked for again within the grace, is the same successor", async () => {
    const { clock, events, refresh, signIn } = await open();
    const tokens = await signIn();
    const first = await refresh(tokens);
    clock.pass(20);
    const again = await refresh(tokens);
    same(terms(again), terms(first));
    equal(again.expires_in, first.expires_in - 20, "the same access token, older");
    const last = events.at(-1);
    equal(last.type, "grace");
    equal(last.foreign, true);
    equal(last.sessionId, tokens.session_id);
  });

  test("I4: asked for again days later with the same attempt, it is the same successor", async () => {
    const { clock, kinds, refresh, signIn } = await open();
    const tokens = await signIn();
    const with1 = { attempt: attempt() };
    const first = await refresh(tokens, with1);
    clock.pass(3 * DAY);
    const again = await refresh(tokens, with1);
    same(terms(again), terms(first));
    equal(again.expires_in, 0, "its access token is over");
    equal((await refresh(again, { attempt: attempt() })).generation, 3);
    same(kinds(), ["issued", "refreshed", "replayed", "refreshed"]);
  });

  test("I4: with another attempt after the grace it is reuse", async () => {
    const { clock, refresh, signIn } = await open();
    const tokens = await signIn();
    await refresh(tokens, { attempt: attempt() });
    clock.pass(36);
    await refused(refresh(tokens, { attempt: attempt() }), { code: "ERR_REFRESH_REUSED", retryable: false, status: 400 });
  });

  for (const [who, steal] of [
    ["a thief uses the previous token", async ({ refresh }, stolen) => [await refresh(stolen, { attempt: attempt() }), stolen]],
    ["the victim comes after the thief", async ({ refresh }, stolen) => [stolen, stolen, await refresh(stolen, { attempt: attempt() })]],
  ]) {
    test(`I5: ${who} after the grace, and the session is over for both`, async () => {
      const here = await open();
      const { clock, issuer, kinds, refresh, signIn } = here;
      const other = await signIn({ clientId: "phone" });
      const tokens = await signIn();
      await steal(here, tokens.refresh_token);
      const newest = await refresh(tokens).catch(() => undefined);
      clock.pass(40);
      await refused(refresh(tokens, { attempt: attempt() }), { code: "ERR_REFRESH_REUSED" });
      if (newest) await refused(refresh(newest), { code: "ERR_REFRESH_REUSED" });
      equal(kinds().filter((kind) => kind === "reuse").length, 1, "reuse events");
      const { verify } = issuer.verifier({ revocation: "session" });
      await refused(verify(tokens.access_token), { code: "ERR_TOKEN_REVOKED" });
      equal((await verify(other.access_token)).claims.sid, other.session_id, "the other device");
      equal((await issuer.refresh(other.refresh_token, { clientId: "phone" })).generation, 2);
    });
  }

  test("I6: whichever step the crash comes at, the retry gets what would have been answered", async () => {
    const before = { get: "before", compareAndSet: "before" };
    for (const [call, when] of [...Object.entries(before), ["get", "after"], ["compareAndSet", "after"]]) {
      const { clock, refresh, signIn, watch } = await open();
      const tokens = await signIn();
      const one = { attempt: attempt() };
      watch.intercept = async (name, go) => {
        if (name !== call) return go();
        watch.intercept = undefined;
        if (when === "after") await go();
        throw new Error("the connection is gone");
      };
      const error = await refused(refresh(tokens, one), { code: "ERR_STORE", retryable: true, status: 503 });
      equal(error.cause.message, "the connection is gone");
      clock.pass(DAY);
      const answer = await refresh(tokens, one);
      equal(answer.generation, 2, `${call} ${when}`);
      clock.pass(DAY);
      same(terms(await refresh(tokens, one)), terms(answer));
    }
  });

  test("I6: a compare-and-set whose answer was lost on the way is recognised as our own", async () => {
    const { kinds, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    watch.intercept = async (name, go) => {
      if (name !== "compareAndSet") return go();
      watch.intercept = undefined;
      await go();
      return { ok: false };
    };
    equal((await refresh(tokens)).generation, 2);
    same(kinds(), ["issued", "replayed"]);
  });

  test("I7: a store that fails loses nothing and revokes nothing", async () => {
    const { issuer, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    watch.intercept = () => Promise.reject(new Error("down"));
    await refused(refresh(tokens), { code: "ERR_STORE", retryable: true });
    await refused(signIn(), { code: "ERR_STORE" });
    await refused(issuer.verifier({ revocation: "session" }).verify(tokens.access_token), { code: "ERR_STORE" });
    await issuer.verifier({ revocation: "session", failOpen: true }).verify(tokens.access_token);
    const response = await issuer.handle(form(grantOf(tokens)));
    equal(response.status, 503);
    equal((await response.json()).error, "temporarily_unavailable");
    ok(Number(response.headers.get("retry-after")) > 0, "Retry-After");
    watch.intercept = async (name, go) => (name === "compareAndSet" ? { ok: false } : go());
    await refused(refresh(tokens), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true, status: 503 });
    watch.intercept = undefined;
    equal((await refresh(tokens)).generation, 2);
  });

  test("I7: a store that went back to an older backup moves forward again", async () => {
    const { clock, kinds, refresh, signIn, watch, options } = await open();
    let tokens = await signIn();
    const [[key, old]] = watch.records;
    for (let n = 0; n < 3; n++) tokens = await refresh(tokens, { attempt: attempt() });
    clock.pass(3600);
    const { version } = await options.store.get(key);
    await options.store.compareAndSet(key, version, old, clock.now / 1000 + DAY);
    tokens = await refresh(tokens, { attempt: attempt() });
    equal(tokens.generation, 5);
    equal((await refresh(tokens)).generation, 6);
    equal(kinds().filter((kind) => kind === "rollback").length, 1);
    ok(!kinds().includes("reuse"), "nobody is signed out");
  });

  test("I8: garbage costs no read, and revokes nothing", async () => {
    const { issuer, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    const token = tokens.refresh_token;
    watch.reset();
    const flipped = Array.from(token, (letter, at) => token.slice(0, at) + (letter === "A" ? "B" : "A") + token.slice(at + 1));
    const cut = Array.from(token, (_, at) => token.slice(0, at));
    const odd = ["x", "rt1", "rt1.....", "rt2" + token.slice(3), token + "A", ` ${token}`, `${token}\n`, "é".repeat(80), "A".repeat(1 << 20), tokens.access_token];
    for (const garbage of [...flipped, ...cut, ...odd].filter((garbage) => garbage !== token)) {
      await refused(refresh(garbage), { code: "ERR_REFRESH_INVALID", retryable: false });
    }
    for (const garbage of ["x", flipped[30], "A".repeat(1 << 20)]) {
      const response = await issuer.handle(form(grantOf(garbage)));
      equal(response.status, 400);
      const { error, code } = await response.json();
      same([error, code], ["invalid_grant", "invalid"]);
    }
    equal(watch.reads + watch.writes, 0, "store calls");
    equal((await refresh(tokens)).generation, 2);
  });

  test("I9: another client's token is refused without a read, and nothing is revoked", async () => {
    const { issuer, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    watch.reset();
    await refused(issuer.refresh(tokens.refresh_token, { clientId: "other" }), { code: "ERR_REFRESH_INVALID" });
    equal(watch.reads, 0);
    equal((await refresh(tokens)).generation, 2);
  });

  test("I10: each end has its own name, also later", async () => {
    const { clock, issuer, refresh, signIn } = await open({ sessionsPerSubject: 2 });
    const code = async (tokens) => (await (await issuer.handle(form(grantOf(tokens)))).json()).code;
    const revoked = await signIn();
    await issuer.revokeSession(revoked.session_id);
    const evicted = await signIn();
    await signIn();
    let kept = await signIn();
    await refused(refresh(evicted), { code: "ERR_REFRESH_REVOKED", reason: "evicted" });
    equal(await code(evicted), "evicted");
    await refused(refresh(revoked), { code: "ERR_REFRESH_REVOKED" });
    equal(await code(revoked), "revoked");
    const start = kept.session_expires_in;
    for (let day = 0; day < 29; day++) {
      clock.pass(DAY);
      kept = await refresh(kept);
    }
    equal(start - kept.session_expires_in, 29 * DAY, "rotation extends nothing");
    equal(await code(revoked), "revoked", "weeks later");
    clock.pass(DAY);
    await refused(refresh(kept), { code: "ERR_REFRESH_EXPIRED", reason: "absolute" });
    equal(await code(kept), "expired");
    const idle = await signIn();
    clock.pass(7 * DAY);
    await refused(refresh(idle), { code: "ERR_REFRESH_EXPIRED", reason: "idle" });
    equal(await code(idle), "idle");
  });

  test("I14: secrets and keys rotate without signing anybody out", async () => {
    const { issuer, options, signIn } = await open();
    const tokens = await signIn();
    const [old] = options.secrets;
    const fresh = "another secret for tests, of at least 32 bytes";
    const newKey = await edge.generateKey("ES256");
    const next = edge.createIssuer({ ...options, secrets: [fresh, old], signingKeys: [newKey, ...options.signingKeys] });
    const second = await next.refresh(tokens.refresh_token, { clientId: "web" });
    await next.verifier().verify(tokens.access_token);
    await next.verifier().verify(second.access_token);
    equal(JSON.parse(atob(second.access_token.split(".")[0])).kid, newKey.kid);
    // I32: this server has yet to learn the new secret.
    await refused(issuer.refresh(second.refresh_token, { clientId: "web" }), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
  });

  test("a single client may leave its name out, and no other may sign in", async () => {
    const { issuer, signIn, options } = await open({ clients: { web: {} } });
    const response = await issuer.handle(form({ grant_type: "refresh_token", refresh_token: (await signIn()).refresh_token }));
    equal(response.status, 200);
    equal((await response.json()).generation, 2);
    await refused(signIn({ clientId: "other" }), { code: "ERR_OPTIONS", option: "clientId" });
    const { refresh_token } = await signIn();
    const others = edge.createIssuer({ ...options, clients: { other: {} } });
    await refused(others.refresh(refresh_token, { clientId: "web" }), { code: "ERR_REFRESH_INVALID" });
  });

  test("I17: a store that cannot compare and set is refused at creation", async () => {
    for (const store of [{}, { get: async () => null, compareAndSet: async () => ({ ok: true }) }, { capabilities: { compareAndSet: true } }]) {
      await refused(open().then(async ({ options }) => edge.createIssuer({ ...options, store }).jwks()), { code: "ERR_STORE_UNSUITABLE" });
    }
  });

  test("I20: a dump of the store holds nothing that can be replayed", async () => {
    const { refresh, signIn, watch } = await open();
    const one = attempt();
    const first = await signIn();
    const second = await refresh(first, { attempt: one });
    const dump = [...watch.records.values()].join();
    for (const tokens of [first, second]) {
      for (const part of [...tokens.refresh_token.split(".").slice(4), ...tokens.access_token.split(".")]) ok(!dump.includes(part), "a token's part");
    }
    ok(!dump.includes(one), "the attempt");
  });

  test("I21: a shared key is never published", async () => {
    const { issuer, key } = await open({ signingKeys: [await edge.generateKey("HS256"), await edge.generateKey("ES256")] });
    const { keys } = await issuer.jwks();
    same(keys.map(({ kty }) => kty), ["EC"]);
    ok(keys.every((jwk) => !("d" in jwk) && !("k" in jwk)) && "d" in key, "a private part");
  });

  test("I24: a claims callback that fails commits nothing, and the retry works", async () => {
    let answer = () => ({ plan: "free" });
    const { options, refresh, signIn, watch } = await open({ claims: (context) => answer(context) });
    const tokens = await signIn({ claims: { role: "user", plan: "none" } });
    same([claimsOf(tokens).role, claimsOf(tokens).plan], ["user", "free"]);
    const one = { attempt: attempt() };
    watch.reset();
    answer = () => Promise.reject(new Error("the database is down"));
    await refused(refresh(tokens, one), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    answer = () => ({ exp: 1 });
    await refused(refresh(tokens, one), { code: "ERR_OPTIONS", option: "claims" });
    equal(watch.writes, 0);
    let seen;
    answer = async (context) => ((seen = context), { plan: "paid" });
    const next = await refresh(tokens, one);
    equal(next.generation, 2);
    equal(claimsOf(next).plan, "paid");
    same([seen.subject, seen.clientId, seen.session.id], [claimsOf(tokens).sub, "web", tokens.session_id]);
    answer = () => ({ plan: "something else" });
    same(terms(await refresh(tokens, one)), terms(next), "a repeat asks nobody");
    ok(typeof options.claims === "function", "options stay as they were");
  });

  test("I25: a refresh is one read and one write, a repeat and a verification one read", async () => {
    const { issuer, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    const one = { attempt: attempt() };
    const cost = async (work) => {
      watch.reset();
      const result = await work();
      return [[watch.reads, watch.writes], result];
    };
    const [refreshing, next] = await cost(() => refresh(tokens, one));
    same(refreshing, [1, 1]);
    same((await cost(() => refresh(tokens, one)))[0], [1, 0]);
    same((await cost(() => issuer.verifier({ revocation: "session" }).verify(next.access_token)))[0], [1, 0]);
    same((await cost(() => issuer.verifier().verify(next.access_token)))[0], [0, 0]);
  });

  test("I29: a repeat never mints", async () => {
    const { clock, refresh, signIn } = await open();
    const tokens = await signIn();
    const one = { attempt: attempt() };
    const names = new Set();
    let ends;
    for (let n = 0; n < 100; n++) {
      const answer = await refresh(tokens, one);
      names.add(claimsOf(answer).jti);
      ends ??= clock.now / 1000 + answer.refresh_token_expires_in;
      equal(clock.now / 1000 + answer.refresh_token_expires_in, ends, "no life is extended");
      clock.pass(864);
    }
    equal(names.size, 1);
  });

  test("I30: shadowing within the grace is reported and runs out", async () => {
    const { kinds, refresh, signIn } = await open();
    let tokens = await signIn();
    let shadowed = 0;
    for (let n = 0; n < 12; n++) {
      const next = await refresh(tokens, { attempt: attempt() });
      const shadow = await refresh(tokens, { attempt: attempt() }).catch((error) => error);
      if (shadow.refresh_token) shadowed++;
      else equal(shadow.code, "ERR_REFRESH_SUPERSEDED");
      tokens = next;
    }
    equal(shadowed, 10);
    equal(kinds().filter((kind) => kind === "grace").length, 10);
  });

  test("wrong options are named", async () => {
    const { options } = await open();
    const wrong = [
      [{ issuer: undefined }, "issuer"],
      [{ audience: [] }, "audience"],
      [{ signingKeys: [] }, "signingKeys"],
      [{ secrets: ["short"] }, "secrets"],
      [{ store: undefined }, "store"],
      [{ refreshToken: { grace: 301 } }, "refreshToken.grace"],
      [{ accessTokenTtl: "300" }, "accessTokenTtl"],
      [{ onSessionLimit: "panic" }, "onSessionLimit"],
      [{ accesTokenTtl: 300 }, "accesTokenTtl"],
      ...["https://app.example/", "https://App.example", "app.example", "null"].map((origin) => [{ cors: { origins: [origin] } }, "cors.origins"]),
      ...["token", "/token?tenant=1", "https://issuer.example/token"].map((token) => [{ paths: { token } }, "paths.token"]),
    ];
    for (const [change, option] of wrong) {
      await refused(Promise.resolve().then(() => edge.createIssuer({ ...options, ...change }).jwks()), { code: "ERR_OPTIONS", option });
    }
    const { issuer } = await open();
    await refused(issuer.issue({ clientId: "web" }), { code: "ERR_OPTIONS", option: "subject" });
    await refused(issuer.issue({ subject: "x", clientId: "web", claims: { sub: "y" } }), { code: "ERR_OPTIONS", option: "claims" });
    await refused(issuer.refresh("x", {}), { code: "ERR_OPTIONS", option: "clientId" });
    await refused(issuer.verifier({ revocation: "maybe" }).verify("x"), { code: "ERR_OPTIONS", option: "revocation" });
  });

  test("a listener that throws or rejects breaks nothing", async () => {
    for (const onEvent of [() => { throw new Error("no"); }, () => Promise.reject(new Error("no"))]) {
      const { refresh, signIn } = await open({ onEvent });
      equal((await refresh(await signIn())).generation, 2);
    }
  });
};
