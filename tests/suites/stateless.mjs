// Stateless mode (I17): refresh tokens that carry their sessions, and no store anywhere.

import { equal, ok, refused, same } from "./check.mjs";
import { jarOf } from "./transport.mjs";
import { attempt, claimsOf, form, grantOf, ISSUER, world } from "./world.mjs";

const OLD = "an old secret for tests, of 32 bytes and more";
const NEW = "a new secret for tests, of 32 bytes and more!";
const headerOf = (token) => JSON.parse(atob(token.split(".")[0].replaceAll("-", "+").replaceAll("_", "/")));
const bearer = (token, path = "/", init = {}) => new Request(ISSUER + path, { ...init, headers: { authorization: `Bearer ${token}` } });

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, jose: any, makeStore: () => any }} runtime
 */
export const testStateless = (runtime) => {
  const { test, edge, jose } = runtime;
  const open = (more = {}) => world(runtime, { store: undefined, refreshToken: "stateless", ...more });

  test("I17: without a store a session is renewed until its end, a day after its sign-in", async () => {
    const asked = [];
    const claims = ({ session, ...context }) => (asked.push([context, session]), { round: asked.length });
    const { clock, issuer, key, kinds, refresh, signIn, subject, watch } = await open({ claims });
    const since = clock.now / 1000;
    const granted = { scope: "read write", claims: { plan: "pro" }, acr: "mfa", amr: ["otp"], authTime: since - 60, device: { label: "laptop", ip: "10.0.0.1" } };
    let tokens = await signIn(granted);
    same([tokens.expires_in, tokens.refresh_token_expires_in, tokens.session_expires_in, tokens.generation], [300, 86_400, 86_400, 1]);
    const { exp, iat, jti, round, ...kept } = claimsOf(tokens);
    same([kept.plan, kept.acr, kept.amr, kept.auth_time, kept.sid], ["pro", "mfa", ["otp"], since - 60, tokens.session_id]);
    for (let generation = 2; generation <= 5; generation++) {
      clock.pass(20_000);
      const next = await refresh(tokens, { attempt: attempt(), device: { userAgent: "Browser" } });
      same([next.generation, next.session_id], [generation, tokens.session_id]);
      same([next.refresh_token_expires_in, next.session_expires_in], [86_400 - 20_000 * (generation - 1), 86_400 - 20_000 * (generation - 1)]);
      const { exp, iat, jti: other, round, ...now } = claimsOf(next);
      same(now, kept);
      same([iat, exp - iat, round, other === jti], [clock.now / 1000, 300, generation, false]);
      const publicKey = await jose.importJWK(edge.publicJwk(key));
      await jose.jwtVerify(next.access_token, publicKey, { typ: "at+jwt", currentDate: new Date(clock.now), clockTolerance: 0 });
      await issuer.verifier().verify(next.access_token);
      tokens = next;
    }
    same(asked.length, 5);
    const [context, session] = asked[4];
    same(context, { subject, clientId: "web", scope: "read write" });
    same([session.createdAt, session.lastUsedAt, session.device], [since, since + 60_000, { userAgent: "Browser" }], "as far as the token and the request say");
    ok(!atob(tokens.refresh_token.split(".")[1]).includes("10.0.0.1"), "where it comes from does not travel");
    same(claimsOf(await refresh(tokens, { scope: "read" })).scope, "read");
    await refused(refresh(tokens, { scope: "admin" }), { code: "ERR_OPTIONS", option: "scope" });
    clock.pass(6300);
    const last = await refresh(tokens);
    equal(last.expires_in, 100, "the last one ends with the session");
    clock.pass(100);
    await refused(refresh(last), { code: "ERR_REFRESH_EXPIRED", reason: "absolute", retryable: false });
    same([watch.reads, watch.writes], [0, 0]);
    equal(kinds().filter((kind) => kind === "stateless").length, 1, `told once: ${kinds()}`);
    same(new Set(kinds()).size, 3, "issued, refreshed and stateless");
  });

  test("I17: a lost answer, a repeat and twenty at once all go on with what they hold", async () => {
    const { clock, refresh, signIn } = await open();
    const first = await signIn();
    clock.pass(400);
    const all = await Promise.all(Array.from({ length: 20 }, () => refresh(first)));
    equal(new Set(all.map((tokens) => claimsOf(tokens).jti)).size, 20);
    for (const tokens of all) same([tokens.generation, tokens.session_id], [2, first.session_id]);
    clock.pass(400);
    for (const tokens of [first, all[0], all[19]]) await refresh(tokens);
  });

  test("I10, I17: each client's sessions have their own idle and absolute end", async () => {
    const { clock, refresh, signIn } = await open({ clients: { web: { refreshToken: { idleTtl: 1000, absoluteTtl: 200_000 } }, app: {} } });
    let tokens = await signIn();
    same([tokens.refresh_token_expires_in, tokens.session_expires_in], [1000, 200_000]);
    same((await signIn({ clientId: "app" })).refresh_token_expires_in, 86_400);
    for (let round = 0; round < 3; round++) {
      clock.pass(999);
      tokens = await refresh(tokens);
    }
    clock.pass(1000);
    await refused(refresh(tokens), { code: "ERR_REFRESH_EXPIRED", reason: "idle" });
  });

  test("I8, I9, I17: no other token passes for a refresh token, nor one for any other", async () => {
    const { clock, issuer, key, options, refresh, signIn, subject } = await open();
    const tokens = await signIn();
    const { refresh_token: token, access_token: access } = tokens;
    const { kid, ...rest } = headerOf(token);
    same(rest, { alg: "HS256", typ: "rt+jwt" });
    await refused(issuer.verifier().verify(token), { name: "TokenError" });
    equal(await issuer.authenticate(bearer(token)), null);
    const secret = new TextEncoder().encode(options.secrets[0]);
    const signed = (typ) => new jose.SignJWT(JSON.parse(atob(token.split(".")[1]))).setProtectedHeader({ alg: "HS256", kid, typ }).sign(secret);
    const oct = { kty: "oct", alg: "HS256", k: jose.base64url.encode(secret) };
    const hmac = edge.createIssuer({ ...options, signingKeys: [oct] });
    const stored = edge.createIssuer({ ...options, store: await runtime.makeStore(), refreshToken: undefined });
    const pair = await stored.issue({ subject, clientId: "web" });
    const others = [access, pair.refresh_token, await signed("rt+jwt"), await signed("at+jwt"), (await hmac.issue({ subject, clientId: "web" })).access_token];
    for (const other of [...others, "", "a.b.c", `${token}A`, `${token}.`, token.slice(1), "A".repeat(1 << 20)]) {
      await refused(refresh(other), { code: "ERR_REFRESH_INVALID", reason: "invalid", retryable: false });
    }
    await refused(hmac.verifier().verify(token), { name: "TokenError" });
    await refused(stored.refresh(token, { clientId: "web" }), { code: "ERR_REFRESH_INVALID" });
    await refused(refresh(tokens, { clientId: "app" }), { code: "ERR_REFRESH_INVALID" });
    const namesake = edge.createIssuer({ ...options, issuer: "https://other.example" });
    await refused(namesake.refresh(token, { clientId: "web" }), { code: "ERR_REFRESH_INVALID" });
    for (let at = 0; at < token.length; at += 7) {
      const flipped = token[at] === "A" ? "B" : "A";
      await refused(refresh(token.slice(0, at) + flipped + token.slice(at + 1)), { code: "ERR_REFRESH_INVALID" });
    }
    for (const at of [10, 200, token.length - 1]) await refused(refresh(token.slice(0, at)), { code: "ERR_REFRESH_INVALID" });
    ok(key.d && !JSON.stringify(tokens).includes(key.d), "no key");
    clock.pass(400);
    await refresh(tokens);
  });

  test("I14, I32, I17: secrets and keys rotate without signing anybody out", async () => {
    const { options, signIn } = await open({ secrets: [OLD] });
    const before = await signIn();
    const at = (secrets, key) => edge.createIssuer({ ...options, secrets, signingKeys: key ? [key, ...options.signingKeys] : options.signingKeys });
    const [both, after] = [at([OLD, NEW]), at([NEW, OLD], await edge.generateKey("ES384"))];
    const context = { clientId: "web" };
    const next = await after.refresh((await both.refresh(before.refresh_token, context)).refresh_token, context);
    await both.refresh(next.refresh_token, context);
    await after.verifier().verify(before.access_token);
    const late = at([OLD]);
    await refused(late.refresh(next.refresh_token, context), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    const response = await late.handle(form(grantOf(next)));
    same([response.status, response.headers.get("retry-after"), (await response.json()).error], [503, "1", "temporarily_unavailable"]);
    await refused(at([NEW]).refresh(before.refresh_token, context), { code: "ERR_REFRESH_UNAVAILABLE" });
  });

  test("I24, I17: a callback that fails leaves the token as good as it was", async () => {
    let fails = false;
    const { refresh, signIn } = await open({ claims: () => (fails ? Promise.reject(new Error("down")) : {}) });
    const tokens = await signIn();
    fails = true;
    await refused(refresh(tokens), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    fails = false;
    await refresh(tokens);
  });

  test("I18, I17: the endpoints do what can be done, and say what cannot", async () => {
    const clients = { web: {}, server: { secret: "s3cret of a client" } };
    const { clock, issuer, signIn } = await open({ clients });
    const ask = async (path, fields) => {
      const response = await issuer.handle(form(fields, { path }));
      equal(response.headers.get("cache-control"), "no-store");
      const text = await response.text();
      return [response.status, text && JSON.parse(text)];
    };
    const tokens = await signIn({ scope: "read" });
    const [status, next] = await ask("/token", grantOf(tokens, { attempt: attempt() }));
    same([status, next.generation, next.scope], [200, 2, "read"]);
    const [bad, { error, code }] = await ask("/token", grantOf("garbage"));
    same([bad, error, code], [400, "invalid_grant", "invalid"]);
    const server = { client_id: "server", client_secret: clients.server.secret };
    const own = await signIn({ clientId: "server" });
    const [, { active, exp, sid }] = await ask("/introspect", { token: own.refresh_token, ...server });
    same([active, exp, sid], [true, clock.now / 1000 + 86_400, own.session_id]);
    same((await ask("/introspect", { token: tokens.access_token, ...server }))[1].active, true);
    const inactive = [200, { active: false }];
    for (const token of ["garbage", tokens.refresh_token]) same(await ask("/introspect", { token, ...server }), inactive);
    for (const token of [tokens.refresh_token, tokens.access_token]) {
      const [status, { error, error_description: words }] = await ask("/revoke", { token, client_id: "web" });
      same([status, error], [400, "unsupported_token_type"]);
      ok(words.includes("until their end"), words);
    }
    same(await ask("/revoke", { token: "garbage", client_id: "web" }), [200, ""]);
    for (const method of ["GET", "DELETE"]) {
      for (const path of ["/sessions", `/sessions/${tokens.session_id}`]) equal(await issuer.handle(bearer(tokens.access_token, path, { method })), undefined);
    }
    const metadata = issuer.metadata();
    same([metadata.token_endpoint, metadata.grant_types_supported], [`${ISSUER}/token`, ["refresh_token"]]);
    ok(!("revocation_endpoint" in metadata) && "introspection_endpoint" in metadata, JSON.stringify(metadata));
    clock.pass(86_400);
    same(await ask("/introspect", { token: own.refresh_token, ...server }), inactive);
  });

  test("I17: what needs a store says so", async () => {
    const { issuer, signIn, subject } = await open();
    const { access_token: access, refresh_token: token, session_id: id } = await signIn();
    const calls = [
      () => issuer.revoke(token), () => issuer.revoke(access), () => issuer.revokeSession(id), () => issuer.revokeSubject(subject),
      () => issuer.sessions(subject), () => issuer.elevate(id, { acr: "mfa" }), () => issuer.bumpPermissions(subject), () => issuer.signOutResponse(bearer(access)),
    ];
    for (const call of calls) await refused(call(), { code: "ERR_OPTIONS", option: "store" });
    for (const revocation of ["session", "deny-list"]) await refused((async () => issuer.verifier({ revocation }).verify(access))(), { code: "ERR_OPTIONS", option: "revocation" });
    await refused(issuer.renew(access), { code: "ERR_OPTIONS", option: "refreshToken" });
    equal(await issuer.revoke("garbage"), undefined, "RFC 7009: unknown is no error");
  });

  test("I22, C37, I17: with cookies a request is renewed on the way, and signing out clears them", async () => {
    const { clock, issuer, subject } = await open({ cookie: true });
    const jar = jarOf(clock);
    const request = (path, method = "POST", fields) =>
      new Request(ISSUER + path, { method, headers: { cookie: jar.header(), "sec-fetch-site": "same-origin" }, body: fields && new URLSearchParams(fields) });
    const enter = async () => {
      const response = await issuer.signInResponse(request("/login"), { subject, clientId: "web", claims: { about: "x".repeat(1800) } });
      jar.take(response);
      return response.json();
    };
    const tokens = await enter();
    ok(!("refresh_token" in tokens) && headerOf(jar.value()).typ === "rt+jwt", "hidden from the page");
    clock.pass(400);
    const pages = await Promise.all(Array.from({ length: 20 }, () => issuer.authenticate(request("/", "GET"))));
    for (const { claims } of pages) same([claims.sub, claims.sid], [subject, tokens.session_id]);
    for (const page of pages) jar.take(page);
    same([jar.value("-attempt").split(".")[0], (await issuer.authenticate(request("/", "GET"))).claims.jti], ["2", pages[19].claims.jti]);
    const response = await issuer.handle(request("/token", "POST", { grant_type: "refresh_token" }));
    jar.take(response);
    const next = await response.json();
    same([response.status, next.generation, "refresh_token" in next], [200, 3, false]);
    for (const leave of [() => issuer.handle(request("/revoke", "POST", {})), () => issuer.signOutResponse(request("/logout"))]) {
      const left = await leave();
      ok([200, 204].includes(left.status), `${left.status}`);
      jar.take(left);
      equal(jar.header(), "");
      equal(await issuer.authenticate(request("/", "GET")), null);
      await enter();
    }
  });

  test("I17: what only a store can do, or no token can carry, is refused at once", async () => {
    const wrong = async (options, option) => refused(open(options).then(({ signIn }) => signIn()), { code: "ERR_OPTIONS", option });
    await wrong({ store: await runtime.makeStore() }, "store");
    await wrong({ secrets: undefined }, "secrets");
    await wrong({ sessionsPerSubject: 3 }, "sessionsPerSubject");
    await wrong({ onSessionLimit: "reject" }, "onSessionLimit");
    await wrong({ renew: {} }, "renew");
    await wrong({ refreshToken: "stateles" }, "refreshToken");
    const { signIn } = await open();
    await refused(signIn({ claims: { about: "x".repeat(2000) }, scope: "y".repeat(512), acr: "z".repeat(128) }), { code: "ERR_OPTIONS", option: "claims" });
  });
};
