// One-token mode: access tokens that are renewed near their end, with a store and without.

import { equal, ok, refused, same } from "./check.mjs";
import { claimsOf, form, ISSUER, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, jose: any, makeStore: () => any }} runtime
 */
export const testRenewing = (runtime) => {
  const { test, edge, jose } = runtime;
  const open = async (more = {}) => world(runtime, { refreshToken: false, ...more });
  const without = { store: undefined };
  const next = async ({ issuer }, tokens) => {
    const renewed = await issuer.renew(tokens.access_token);
    ok(renewed, "nothing was renewed");
    return renewed;
  };

  for (const [how, more] of [["a store", {}], ["no store", without]]) {
    test(`I16: a token is renewed near its end, with its session and sign-in, until the session's end (${how})`, async () => {
      const here = await open({ ...more, renew: { absoluteTtl: 1000 } });
      const { clock, issuer, key, signIn } = here;
      let tokens = await signIn({ scope: "read", claims: { plan: "pro" }, acr: "mfa" });
      same(Object.keys(tokens), ["access_token", "token_type", "expires_in", "session_expires_in", "session_id", "scope"]);
      const first = claimsOf(tokens);
      for (let round = 1; round <= 3; round++) {
        clock.pass(150);
        equal(await issuer.renew(tokens.access_token), null, "early");
        clock.pass(80);
        const renewed = await next(here, tokens);
        const claims = claimsOf(renewed);
        const { exp, iat, jti, ...kept } = claims;
        const { exp: oldExp, iat: oldIat, jti: oldJti, ...before } = claimsOf(tokens);
        same(kept, before);
        ok(exp > oldExp && iat > oldIat && jti !== oldJti, "later, and another");
        ok(iat * 1000 <= clock.now, "not from the future");
        equal(renewed.expires_in, exp - clock.now / 1000);
        equal(renewed.session_id, tokens.session_id);
        await issuer.verifier().verify(renewed.access_token);
        const publicKey = await jose.importJWK(edge.publicJwk(key));
        await jose.jwtVerify(renewed.access_token, publicKey, { typ: "at+jwt", currentDate: new Date(clock.now), clockTolerance: 0 });
        tokens = renewed;
      }
      clock.pass(230);
      tokens = await next(here, tokens);
      equal(claimsOf(tokens).exp, first.renew_until, "the last one ends with the session");
      equal(await issuer.renew(tokens.access_token), null, "nothing to gain");
      clock.pass(80);
      await refused(issuer.renew(tokens.access_token), { code: "ERR_SESSION_ENDED", retryable: false });
    });

    test(`I23: twenty at once get one and the same renewed token (${how})`, async () => {
      const { clock, issuer, options, signIn } = await open(more);
      const tokens = await signIn();
      clock.pass(240);
      const rival = edge.createIssuer(options);
      const all = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? issuer : rival).renew(tokens.access_token)));
      for (const one of all) same(claimsOf(one), claimsOf(all[0]));
      clock.pass(40);
      same(claimsOf(await issuer.renew(tokens.access_token)), claimsOf(all[0]), "and somewhat later");
    });

    test(`I33: what this mode did not make is refused (${how})`, async () => {
      const { clock, issuer, options, signIn, subject } = await open(more);
      const { store } = await world(runtime).then(({ options }) => options);
      const pairs = edge.createIssuer({ ...options, store, refreshToken: undefined });
      const pair = await pairs.issue({ subject, clientId: "web" });
      clock.pass(250);
      await refused(issuer.renew(pair.access_token), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: "renew_until" });
      await refused(pairs.renew(pair.access_token), { code: "ERR_OPTIONS", option: "refreshToken" });
      await refused(issuer.refresh(pair.refresh_token, { clientId: "web" }), { code: "ERR_REFRESH_INVALID" });
      const { access_token: token } = await signIn();
      clock.pass(250);
      for (const wrong of ["", "a.b.c", token.slice(0, -9), pair.refresh_token]) await refused(issuer.renew(wrong), { code: "ERR_JWT_INVALID" });
      await refused(signIn({ claims: { renew_until: 9e9 } }), { code: "ERR_OPTIONS", option: "claims" });
    });
  }

  test("I33: a token that was denied or is stale is not renewed", async () => {
    const { clock, issuer, signIn, subject } = await open();
    const [one, two, three] = [await signIn(), await signIn(), await signIn()];
    clock.pass(250);
    const { access_token: successor } = await issuer.renew(one.access_token);
    await issuer.revoke(one.access_token);
    await issuer.revokeSession(two.session_id);
    clock.pass(20);
    for (const { access_token } of [one, two]) await refused(issuer.renew(access_token), { code: "ERR_TOKEN_REVOKED" });
    clock.pass(220);
    await refused(issuer.renew(successor), { code: "ERR_TOKEN_REVOKED" });
    const four = await signIn();
    clock.pass(250);
    await issuer.bumpPermissions(subject);
    await refused(issuer.renew(four.access_token), { code: "ERR_TOKEN_STALE" });
    await refused(issuer.renew(three.access_token), { code: "ERR_JWT_EXPIRED" });
  });

  test("I23: a token just expired is renewed while its session lives where renew.after allows, and not otherwise", async () => {
    const { clock, issuer, signIn } = await open({ renew: { after: 600 } });
    const [one, two] = [await signIn(), await signIn()];
    clock.pass(500);
    const renewed = await issuer.renew(one.access_token);
    ok(renewed.expires_in > 0, "good for a while");
    await issuer.verifier({ revocation: "session" }).verify(renewed.access_token);
    await issuer.revoke(two.access_token);
    await refused(issuer.renew(two.access_token), { code: "ERR_TOKEN_REVOKED" });
    clock.pass(400);
    await refused(issuer.renew(one.access_token), { code: "ERR_JWT_EXPIRED" });
    const strict = await open();
    const tokens = await strict.signIn();
    strict.clock.pass(300);
    await refused(strict.issuer.renew(tokens.access_token), { code: "ERR_JWT_EXPIRED" });
  });

  test("I7: near the end a store that is down refuses for now, and nothing is lost", async () => {
    const here = await open();
    const tokens = await here.signIn();
    here.clock.pass(100);
    here.watch.reset();
    equal(await here.issuer.renew(tokens.access_token), null);
    equal(here.watch.reads, 0, "reads while there is nothing to renew");
    here.clock.pass(150);
    here.watch.intercept = () => Promise.reject(new Error("down"));
    await refused(here.issuer.renew(tokens.access_token), { code: "ERR_STORE", retryable: true });
    here.watch.intercept = undefined;
    await next(here, tokens);
    same([here.watch.reads, here.watch.writes], [2, 0]);
  });

  test("I16: a request near the end is answered with the renewed token in a header", async () => {
    const { clock, issuer, signIn, watch } = await open({ renew: { after: 100 } });
    const tokens = await signIn();
    const ask = (token) => issuer.authenticate(new Request("https://api.example/", { headers: { authorization: `Bearer ${token}` } }));
    const early = await ask(tokens.access_token);
    same([early.claims.jti, ...early.headers.keys()], [claimsOf(tokens).jti], "nothing to send back");
    clock.pass(250);
    watch.intercept = () => Promise.reject(new Error("down"));
    equal((await ask(tokens.access_token)).claims.jti, claimsOf(tokens).jti, "as long as it lives");
    watch.intercept = undefined;
    const near = await ask(tokens.access_token);
    const renewed = near.headers.get("renewed-token");
    equal(near.headers.get("cache-control"), "private, no-store");
    same(near.claims, claimsOf({ access_token: renewed }));
    equal(claimsOf({ access_token: renewed }).jti, claimsOf(await issuer.renew(tokens.access_token)).jti);
    clock.pass(60);
    ok((await ask(tokens.access_token)).headers.has("renewed-token"), "just expired");
    watch.intercept = () => Promise.reject(new Error("down"));
    await refused(ask(tokens.access_token), { code: "ERR_STORE", retryable: true });
    watch.intercept = undefined;
    await issuer.revokeSession(tokens.session_id);
    equal(await ask(tokens.access_token), null, "revoked");
    clock.pass(200);
    for (const token of [tokens.access_token, "x"]) equal(await ask(token), null);
    const elsewhere = await open({ clients: { web: { audience: "https://other.example" } } });
    const { access_token: other } = await elsewhere.signIn();
    elsewhere.clock.pass(250);
    const { access_token } = await elsewhere.issuer.renew(other);
    same(claimsOf({ access_token }).aud, "https://other.example");
    const request = new Request("https://api.example/", { headers: { authorization: `Bearer ${other}` } });
    equal(await elsewhere.issuer.authenticate(request), null, "for others");
  });

  test("I17: without a store, what would ask it says so", async () => {
    const { issuer, signIn, subject } = await open(without);
    const { session_id: id, access_token: token } = await signIn();
    const calls = [() => issuer.revoke(token), () => issuer.revokeSession(id), () => issuer.revokeSubject(subject), () => issuer.sessions(subject), () => issuer.elevate(id, { acr: "mfa" }), () => issuer.bumpPermissions(subject)];
    for (const call of calls) await refused(call(), { code: "ERR_OPTIONS", option: "store" });
    for (const revocation of ["session", "deny-list"]) await refused((async () => issuer.verifier({ revocation }).verify(token))(), { code: "ERR_OPTIONS", option: "revocation" });
  });

  for (const [how, more] of [["a store", {}], ["no store", without]]) {
    test(`I18: in one-token mode there are the endpoints that can do something, and no secrets (${how})`, async () => {
      const clients = { web: {}, server: { secret: "s3cret of a client" } };
      const { issuer, signIn } = await open({ ...more, secrets: undefined, clients });
      const stored = !("store" in more);
      const { access_token: token, session_id: id } = await signIn();
      const ask = (path, fields) => issuer.handle(form(fields, { path }));
      const server = { client_id: "server", client_secret: clients.server.secret };
      equal(await ask("/token", { grant_type: "refresh_token", refresh_token: "x", client_id: "web" }), undefined);
      const metadata = issuer.metadata();
      same([metadata.token_endpoint, metadata.grant_types_supported], [undefined, []]);
      same(["revocation_endpoint" in metadata, metadata.introspection_endpoint], [stored, `${ISSUER}/introspect`]);
      same((await (await ask("/introspect", { token, ...server })).json()).active, true);
      const list = await issuer.handle(new Request(`${ISSUER}/sessions`, { headers: { authorization: `Bearer ${token}` } }));
      same(stored ? (await list.json()).map((session) => session.id) : list, stored ? [id] : undefined);
      equal((await ask("/revoke", { token: "garbage", client_id: "web" })).status, 200);
      const revoked = await ask("/revoke", { token, client_id: "web" });
      same([revoked.status, stored || (await revoked.json()).error], stored ? [200, true] : [400, "unsupported_token_type"]);
      same((await (await ask("/introspect", { token, ...server })).json()).active, !stored);
    });
  }

  test("I17: modes are told apart at creation", async () => {
    const wrong = async (options, wanted) => refused(open(options), wanted);
    await wrong({ refreshToken: undefined, store: undefined }, { code: "ERR_OPTIONS", option: "store" });
    await wrong({ refreshToken: undefined, renew: {} }, { code: "ERR_OPTIONS", option: "renew" });
    await wrong({ cookie: true }, { code: "ERR_OPTIONS", option: "cookie" });
    await wrong({ clients: { web: { refreshToken: { absoluteTtl: 60 } } } }, { code: "ERR_OPTIONS", option: "clients.web.refreshToken" });
    await wrong({ ...without, onSessionLimit: "reject" }, { code: "ERR_OPTIONS", option: "onSessionLimit" });
    await wrong({ secrets: ["short"] }, { code: "ERR_OPTIONS", option: "secrets" });
    await wrong({ ...without, renew: { after: 1 } }, { code: "ERR_OPTIONS", option: "renew.after" });
    await wrong({ renew: { before: 300 } }, { code: "ERR_OPTIONS", option: "renew.before" });
    await wrong({ store: { capabilities: {}, get() {}, compareAndSet() {} } }, { code: "ERR_STORE_UNSUITABLE" });
  });
};
