// The endpoints over HTTP, as the standards have them. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, claimsOf, form, grantOf, ISSUER, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testEndpoints = (runtime) => {
  const { test } = runtime;
  const open = (options) => world(runtime, options);

  test("I18: the token endpoint answers as RFC 6749 has it", async () => {
    const { issuer, signIn } = await open();
    const tokens = await signIn({ scope: "read write" });
    const wanted = [
      [grantOf(tokens, { client_id: "" }), "invalid_request"],
      [{ grant_type: "refresh_token", client_id: "web" }, "invalid_request"],
      [{ refresh_token: "x" }, "invalid_request"],
      [grantOf(tokens, { grant_type: "password" }), "unsupported_grant_type"],
      [grantOf(tokens, { attempt: "short" }), "invalid_request"],
      [grantOf(tokens, { scope: "read admin" }), "invalid_scope"],
      [grantOf("x"), "invalid_grant"],
    ];
    for (const [fields, error] of wanted) {
      const response = await issuer.handle(form(fields));
      equal(response.status, 400);
      equal((await response.json()).error, error);
      equal(response.headers.get("cache-control"), "no-store");
    }
    const json = await issuer.handle(new Request(`${ISSUER}/token`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } }));
    equal(json.status, 400);
    const get = await issuer.handle(new Request(`${ISSUER}/token`));
    equal(get.status, 405);
    equal(get.headers.get("allow"), "POST");
    const good = await issuer.handle(form(grantOf(tokens, { scope: "read", attempt: attempt() })));
    equal(good.status, 200);
    equal(good.headers.get("cache-control"), "no-store");
    ok(good.headers.get("content-type").startsWith("application/json"), "content type");
    const answer = await good.json();
    equal(answer.scope, "read");
    equal(answer.generation, 2);
    equal(claimsOf(answer).scope, "read");
  });

  test("I18: revocation and keys over HTTP, and nothing else is ours", async () => {
    const { issuer, refresh, signIn } = await open();
    const tokens = await signIn();
    const revoke = (fields) => issuer.handle(form(fields, { path: "/revoke" }));
    equal((await revoke({})).status, 400);
    equal((await revoke({ token: "unknown", client_id: "web" })).status, 200);
    equal((await revoke({ token: tokens.refresh_token, client_id: "other" })).status, 200);
    const second = await refresh(tokens);
    equal((await revoke({ token: tokens.refresh_token, client_id: "web", token_type_hint: "refresh_token" })).status, 200);
    await refused(refresh(second), { code: "ERR_REFRESH_REVOKED" });
    const jwks = await issuer.handle(new Request(`${ISSUER}/.well-known/jwks.json`));
    same(await jwks.json(), await issuer.jwks());
    equal((await issuer.handle(new Request(`${ISSUER}/.well-known/jwks.json`, { method: "POST" }))).status, 405);
    for (const path of ["/", "/tokens", "/token/", "/api/me"]) equal(await issuer.handle(new Request(ISSUER + path)), undefined, path);
  });

  const basic = (id, secret) => `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`;
  const SECRET = "a secret: with + and %";
  const confidential = { web: {}, server: { secret: SECRET } };

  test("I9: a client that has a secret must know it, at every endpoint", async () => {
    const { issuer, signIn, watch } = await open({ clients: confidential });
    const tokens = await signIn({ clientId: "server" });
    const grant = grantOf(tokens, { client_id: "server" });
    watch.reset();
    for (const path of ["/token", "/revoke", "/introspect"]) {
      const fields = { ...grant, token: tokens.refresh_token };
      const wrong = [
        [fields, {}],
        [{ ...fields, client_secret: "wrong" }, {}],
        [{ ...fields, client_id: "nobody" }, {}],
        [fields, { headers: { authorization: basic("server", "wrong") } }],
        [fields, { headers: { authorization: "Basic !" } }],
      ];
      for (const [body, init] of wrong) {
        const response = await issuer.handle(form(body, { path, ...init }));
        same([response.status, (await response.json()).error], [401, "invalid_client"], path);
        ok(response.headers.get("www-authenticate").startsWith("Basic "), "WWW-Authenticate");
      }
      const twice = await issuer.handle(form({ ...fields, client_secret: SECRET }, { path, headers: { authorization: basic("server", SECRET) } }));
      same([twice.status, (await twice.json()).error], [400, "invalid_request"]);
    }
    equal(watch.reads + watch.writes, 0, "store calls");
    const posted = await issuer.handle(form({ ...grant, client_secret: SECRET }));
    equal(posted.status, 200);
    const next = await posted.json();
    const { client_id, ...rest } = grantOf(next, { client_id: "server" });
    const inHeader = await issuer.handle(form(rest, { headers: { authorization: basic("server", SECRET) } }));
    equal((await inHeader.json()).generation, 3);
  });

  test("a client's own audience and lifetimes take the place of the issuer's", async () => {
    const clients = { web: {}, phone: { audience: ["https://a.example", "https://b.example"], refreshToken: { idleTtl: 60, absoluteTtl: 120, grace: 0 } } };
    const { clock, issuer, signIn } = await open({ clients });
    const tokens = await signIn({ clientId: "phone" });
    same(claimsOf(tokens).aud, clients.phone.audience);
    same([tokens.refresh_token_expires_in, tokens.session_expires_in], [60, 120]);
    const again = (one) => issuer.refresh(one.refresh_token, { clientId: "phone", attempt: attempt() });
    const next = await again(tokens);
    clock.pass(6);
    await refused(again(tokens), { code: "ERR_REFRESH_REUSED" });
    await refused(again(next), { code: "ERR_REFRESH_REUSED" });
    const other = await signIn();
    same([claimsOf(other).aud, other.refresh_token_expires_in], ["https://api.example", 604_800]);
    await issuer.verifier({ audience: "https://b.example" }).verify((await signIn({ clientId: "phone" })).access_token);
    for (const wrong of [{ secret: "" }, { audience: 1 }, { refreshToken: { grace: 400 } }, { secrets: "x" }]) {
      await refused(open({ clients: { web: wrong } }).then(({ issuer }) => issuer.jwks()), { code: "ERR_OPTIONS" });
    }
  });

  test("I18: what a token is, for a client that proves who it is", async () => {
    const { clock, issuer, refresh, signIn, subject } = await open({ clients: confidential });
    const ask = async (token, more = {}) => {
      const response = await issuer.handle(form({ token, client_id: "server", client_secret: SECRET, ...more }, { path: "/introspect" }));
      equal(response.headers.get("cache-control"), "no-store");
      return [response.status, await response.json()];
    };
    const tokens = await signIn({ scope: "read", claims: { role: "user", active: "no" } });
    const [status, found] = await ask(tokens.access_token);
    const { active, token_type, sub, iss, client_id, scope, role, exp, iat, sid } = found;
    same([status, active, token_type, sub, iss, client_id, scope, role], [200, true, "Bearer", subject, ISSUER, "web", "read", "user"]);
    same([exp - iat, sid], [300, tokens.session_id]);
    equal((await ask(tokens.access_token, { client_id: "web", client_secret: "" }))[0], 401, "a public client");
    equal((await ask(""))[0], 400);
    const inactive = [200, { active: false }];
    same(await ask("garbage"), inactive);
    same(await ask(tokens.refresh_token), inactive, "another client's refresh token");
    const own = await signIn({ clientId: "server", scope: "read write" });
    const [, { sub: whose, exp: end, ...rest }] = await ask(own.refresh_token);
    same([whose, end, rest.active, rest.scope, rest.sid], [subject, clock.now / 1000 + 604_800, true, "read write", own.session_id]);
    const next = await issuer.refresh(own.refresh_token, { clientId: "server" });
    same(await ask(own.refresh_token), inactive, "replaced");
    equal((await ask(next.refresh_token))[1].active, true);
    await issuer.revokeSession(next.session_id);
    same(await ask(next.refresh_token), inactive);
    same(await ask(next.access_token), inactive);
    clock.pass(400);
    same(await ask(tokens.access_token), inactive, "over");
    equal((await refresh(tokens)).generation, 2, "asking changes nothing");
  });

  test("I11: users see their sessions and end them, with an access token", async () => {
    const { clock, issuer, refresh, signIn } = await open();
    const call = (method, path, token) =>
      issuer.handle(new Request(ISSUER + path, { method, headers: token ? { authorization: `Bearer ${token}` } : {} }));
    const [one, two, three] = [await signIn({ device: { label: "one" } }), await signIn(), await signIn()];
    const stranger = await issuer.issue({ subject: `other-${crypto.randomUUID()}`, clientId: "web" });
    const list = await call("GET", "/sessions", one.access_token);
    same([list.status, list.headers.get("cache-control")], [200, "no-store"]);
    const listed = await list.json();
    same(listed.map(({ id, current }) => [id, current]), [[one.session_id, true], [two.session_id, undefined], [three.session_id, undefined]]);
    equal(listed[0].device.label, "one");
    equal((await call("DELETE", `/sessions/${two.session_id}`, one.access_token)).status, 204);
    await refused(refresh(two), { code: "ERR_REFRESH_REVOKED" });
    equal((await call("DELETE", `/sessions/${stranger.session_id}`, one.access_token)).status, 204, "and nothing happens");
    equal((await refresh(stranger)).generation, 2);
    equal((await call("DELETE", "/sessions?except=currant", one.access_token)).status, 400);
    equal(await call("DELETE", "/sessions/", one.access_token), undefined, "an id that is missing ends nothing");
    equal((await call("DELETE", "/sessions?except=current", one.access_token)).status, 204);
    await refused(refresh(three), { code: "ERR_REFRESH_REVOKED" });
    same((await (await call("GET", "/sessions", one.access_token)).json()).length, 1);
    const nobody = await call("GET", "/sessions");
    same([nobody.status, nobody.headers.get("www-authenticate")], [401, "Bearer"]);
    for (const token of ["garbage", one.refresh_token, three.access_token]) {
      const response = await call("GET", "/sessions", token);
      equal(response.status, 401);
      ok(response.headers.get("www-authenticate").includes('error="invalid_token"'), "the challenge");
    }
    equal((await call("POST", "/sessions", one.access_token)).headers.get("allow"), "GET, DELETE");
    equal((await call("GET", `/sessions/${one.session_id}`, one.access_token)).headers.get("allow"), "DELETE");
    equal((await call("DELETE", "/sessions", one.access_token)).status, 204);
    await refused(refresh(one), { code: "ERR_REFRESH_REVOKED" });
    clock.pass(400);
    const ip = `192.0.2.${Math.random()}`;
    for (let n = 0; n < 30; n++) {
      const request = new Request(`${ISSUER}/sessions`, { headers: { authorization: `Bearer ${stranger.access_token}` } });
      equal((await issuer.handle(request, { ip })).status, 401, "over, and no reason to be slowed down");
    }
  });

  test("I18: the metadata says where everything is", async () => {
    const { issuer, options } = await open({ clients: confidential, paths: { token: "/oauth/token" } });
    const metadata = issuer.metadata();
    equal(metadata.issuer, ISSUER);
    equal(metadata.token_endpoint, `${ISSUER}/oauth/token`);
    same(metadata.grant_types_supported, ["refresh_token"]);
    same(metadata.token_endpoint_auth_methods_supported, ["none", "client_secret_basic", "client_secret_post"]);
    const response = await issuer.handle(new Request(`${ISSUER}/.well-known/oauth-authorization-server`));
    same(await response.json(), metadata);
    equal(await issuer.handle(form({}, { path: "/token" })), undefined);
    for (const url of [metadata.token_endpoint, metadata.revocation_endpoint, metadata.introspection_endpoint]) {
      equal((await issuer.handle(new Request(url))).status, 405, url);
    }
    same(await (await issuer.handle(new Request(metadata.jwks_uri))).json(), await issuer.jwks());
    ok(!JSON.stringify(metadata).includes(SECRET) && !("introspection_endpoint" in (await open()).issuer.metadata()), "what nobody may use");
    ok(Object.isFrozen(metadata) && options.paths.token === "/oauth/token", "frozen");
  });

  test("CORS is closed until it is opened, and then for those origins alone", async () => {
    const origin = "https://app.example";
    const closed = await open();
    const preflight = (path, from = origin) =>
      new Request(ISSUER + path, { method: "OPTIONS", headers: { origin: from, "access-control-request-method": "POST" } });
    const refusedOne = await closed.issuer.handle(preflight("/token"));
    same([refusedOne.status, refusedOne.headers.get("access-control-allow-origin")], [405, null]);
    const { issuer, signIn } = await open({ cors: { origins: [origin] } });
    for (const [path, methods] of [["/token", "POST"], ["/revoke", "POST"], ["/sessions/x", "DELETE"], ["/.well-known/jwks.json", "GET, HEAD"]]) {
      const response = await issuer.handle(preflight(path));
      const header = (name) => response.headers.get(`access-control-${name}`);
      same([response.status, header("allow-origin"), header("allow-methods")], [204, origin, methods]);
      ok(header("allow-headers").includes("authorization") && header("allow-credentials") === null, "headers");
    }
    equal(await issuer.handle(preflight("/elsewhere")), undefined);
    equal((await issuer.handle(preflight("/token", "https://evil.example"))).headers.get("access-control-allow-origin"), null);
    const tokens = await signIn();
    for (const [from, allowed] of [[origin, origin], ["https://evil.example", null], [`${origin}.evil.example`, null]]) {
      const response = await issuer.handle(form(grantOf("x"), { headers: { origin: from } }));
      same([response.status, response.headers.get("access-control-allow-origin"), response.headers.get("vary")], [400, allowed, "origin"]);
    }
    const answer = await issuer.handle(form(grantOf(tokens), { headers: { origin } }));
    ok(answer.headers.get("access-control-expose-headers").includes("retry-after"), "exposed");
    equal(answer.status, 200);
  });

  test("I8: nothing is read from the store before the seal of a token is checked, wherever it is sent", async () => {
    const { issuer, refresh, signIn, watch } = await open();
    const tokens = await signIn();
    watch.reset();
    // Well formed down to its checksum, and not one of ours for this client.
    for (const path of ["/revoke", "/token"]) {
      for (const [fields, status] of [[{ client_id: "other" }, path === "/token" ? 400 : 200], [{ client_id: "" }, 400]]) {
        const all = { ...grantOf(tokens), token: tokens.refresh_token, ...fields };
        equal((await issuer.handle(form(all, { path }))).status, status, path);
      }
    }
    equal(watch.reads + watch.writes, 0, "store calls");
    equal((await refresh(tokens)).generation, 2);
  });

  test("I8: a peer that keeps sending garbage is slowed down, and nobody with it", async () => {
    const { clock, events, issuer, refresh, signIn } = await open({ clients: confidential });
    let tokens = await signIn();
    const ip = `192.0.2.${Math.random()}`;
    const send = (fields, path = "/token") => issuer.handle(form(fields, { path }), { ip });
    const statuses = [];
    for (let n = 0; n < 25; n++) statuses.push((await send(grantOf("garbage"))).status);
    same([statuses.slice(0, 20).every((status) => status === 400), statuses.slice(20)], [true, [429, 429, 429, 429, 429]]);
    const slow = await send(grantOf("garbage"));
    same([slow.headers.get("retry-after"), (await slow.json()).error], ["3", "temporarily_unavailable"]);
    same(events.filter(({ type }) => type === "throttled"), [{ type: "throttled", at: clock.now / 1000 }], "told once");
    equal((await send({ client_id: "server", client_secret: "a guess", token: "x" }, "/introspect")).status, 429, "guesses count too");
    equal((await send(grantOf(tokens))).status, 200, "who has a token is never refused");
    tokens = await signIn();
    equal((await issuer.handle(form(grantOf("garbage")), { ip: `${ip}0` })).status, 400, "another peer");
    equal((await issuer.handle(form(grantOf("garbage")))).status, 400, "a peer that nobody knows");
    clock.pass(3);
    equal((await send(grantOf("garbage"))).status, 400);
    equal((await send(grantOf("garbage"))).status, 429);
    equal((await refresh(tokens)).generation, 2);
  });

  test("what listeners do after the answer is the runtime's to wait for", async () => {
    let heard = 0;
    const { issuer, signIn } = await open({ onEvent: async () => void (await Promise.resolve(), heard++) });
    const tokens = await signIn();
    const waiting = [];
    const runtime = { ip: "192.0.2.1", waitUntil(work) { ok(this === runtime, "this"); waiting.push(work); }, props: {} };
    heard = 0;
    equal((await issuer.handle(form(grantOf(tokens)), runtime)).status, 200);
    equal(waiting.length, 1);
    await Promise.all(waiting);
    equal(heard, 1);
  });

  test("a refresh over HTTP says where it comes from", async () => {
    const { issuer, signIn, subject } = await open();
    const tokens = await signIn({ device: { label: "phone", ip: "192.0.2.1" } });
    const headers = { "user-agent": "Browser/2" };
    await issuer.handle(form(grantOf(tokens), { headers }), { ip: "192.0.2.2" });
    const [{ device }] = await issuer.sessions(subject);
    same(device, { label: "phone", userAgent: "Browser/2", ip: "192.0.2.2" });
  });
};
