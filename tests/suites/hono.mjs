// `evertoken/hono` in a real Hono application, whatever the runtime is.

import { equal, ok, same } from "./check.mjs";
import { AUDIENCE, claimsOf, grantOf, ISSUER, world } from "./world.mjs";

const OWN = { "sec-fetch-site": "same-origin" };
const bearerOf = (/** @type {any} */ tokens) => ({ authorization: `Bearer ${tokens.access_token ?? tokens}` });

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any, Hono: any, adapter: any }} runtime
 */
export const testHono = (runtime) => {
  const { test, edge, Hono, adapter: { authenticate, bearer, issuerRoutes } } = runtime;

  /** An application that its test furnishes, and who asks it. */
  const open = async (/** @type {(app: any, here: any) => void} */ furnish, options = {}) => {
    const here = await world(runtime, options);
    const app = new Hono();
    const failures = /** @type {any[]} */ ([]);
    app.use(async (/** @type {any} */ c, /** @type {any} */ next) => {
      await next();
      if (c.error) failures.push(c.error);
    });
    furnish(app, here);
    const ask = async (/** @type {string} */ path, headers = {}, init = {}) => app.fetch(new Request(ISSUER + path, { headers, ...init }), { issuer: here.issuer });
    return { ...here, ask, failures };
  };
  const subjectOf = (/** @type {any} */ c) => c.json({ subject: c.var.claims?.sub ?? null });
  const said = (/** @type {Response} */ response) => [response.status, response.headers.get("www-authenticate")];

  test("hono: a bearer token lets pass, and its claims are there", async () => {
    const { ask, signIn, subject } = await open((app, { issuer }) => app.get("/me", bearer(issuer.verifier()), (/** @type {any} */ c) => c.json([c.var.claims, c.get("claims") === c.var.claims, Object.isFrozen(c.var.claims)])));
    const tokens = await signIn();
    for (const scheme of ["Bearer", "bearer"]) {
      const [claims, same, frozen] = await (await ask("/me", { authorization: `${scheme} ${tokens.access_token}` })).json();
      equal(claims.sub, subject);
      ok(claims.aud === AUDIENCE && same && frozen, JSON.stringify(claims));
    }
  });

  test("hono: who brings no token, or another's, is challenged as RFC 6750 says", async () => {
    const { ask, signIn, failures } = await open((app, { issuer }) => app.get("/me", bearer(issuer.verifier(), { realm: "api" }), subjectOf));
    const { access_token } = await signIn();
    same(said(await ask("/me")), [401, 'Bearer realm="api"']);
    same(said(await ask("/me", { authorization: "Basic YTpi" })), [401, 'Bearer realm="api"']);
    const invalid = 'Bearer realm="api", error="invalid_token", error_description="The access token is invalid"';
    const [header, payload] = access_token.split(".");
    for (const token of ["garbage", "a b", `${header}.${payload}.${"A".repeat(86)}`]) same(said(await ask("/me", bearerOf(token))), [401, invalid], token);
    same(failures.map(({ status, cause }) => [status, cause?.code]), [
      [401, undefined], [401, undefined], [401, "ERR_JWS_INVALID"], [401, "ERR_JWS_INVALID"], [401, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"],
    ]);
  });

  test("hono: a token that is over says so, and what a route asks for beyond, too", async () => {
    const { ask, clock, refresh, signIn } = await open((app, { issuer, clock }) => {
      const verifier = issuer.verifier({ now: () => clock.now });
      app.get("/me", bearer(verifier), subjectOf);
      app.get("/pay", bearer(verifier, { maxAuthAge: 60, resourceMetadata: "https://api.example/meta" }), subjectOf);
    });
    const tokens = await signIn();
    equal((await ask("/pay", bearerOf(tokens))).status, 200);
    clock.pass(310);
    same(said(await ask("/me", bearerOf(tokens))), [401, 'Bearer error="invalid_token", error_description="The access token expired"']);
    const [status, challenge] = said(await ask("/pay", bearerOf(await refresh(tokens))));
    ok(status === 401 && /^Bearer error="insufficient_user_authentication".*max_age="60", resource_metadata="https:\/\/api.example\/meta"$/.test(String(challenge)), String(challenge));
  });

  test("hono: a store that is away is 503, and an error of the application its own", async () => {
    const { ask, signIn, watch, failures } = await open((app, { issuer }) => {
      app.get("/me", bearer(issuer.verifier({ revocation: "session" })), subjectOf);
      app.get("/wrong", bearer(() => issuer.verifier(), { maxAge: 1 }), subjectOf);
      app.onError((/** @type {any} */ error, /** @type {any} */ c) => (error.getResponse ? error.getResponse() : c.text(error.code, 500)));
    });
    const tokens = await signIn();
    watch.intercept = async () => {
      throw new Error("away");
    };
    const response = await ask("/me", bearerOf(tokens));
    const { status, headers } = response;
    same([status, headers.get("retry-after"), headers.has("www-authenticate"), failures[0].cause.code], [503, "1", false, "ERR_STORE"]);
    const wrong = await ask("/wrong", bearerOf(tokens));
    same([wrong.status, await wrong.text()], [500, "ERR_OPTIONS"]);
  });

  test("hono: optional lets nobody pass as nobody, and a wrong token not at all", async () => {
    const { ask, signIn, subject } = await open((app, { issuer }) => {
      app.get("/bearer", bearer(issuer.verifier(), { optional: true }), subjectOf);
      app.get("/authenticate", authenticate(issuer, { optional: true }), subjectOf);
    });
    const tokens = await signIn();
    for (const path of ["/bearer", "/authenticate"]) {
      same(await (await ask(path)).json(), { subject: null });
      same(await (await ask(path, bearerOf(tokens))).json(), { subject });
    }
    equal((await ask("/bearer", bearerOf("garbage"))).status, 401);
  });

  test("hono: what is bound to a request is made for it", async () => {
    const { ask, signIn, subject } = await open((app) => {
      app.use(issuerRoutes((/** @type {any} */ c) => c.env.issuer));
      app.get("/bearer", bearer(async (/** @type {any} */ c) => c.env.issuer.verifier()), subjectOf);
      app.get("/authenticate", authenticate((/** @type {any} */ c) => c.env.issuer), subjectOf);
    });
    const tokens = await signIn();
    for (const path of ["/bearer", "/authenticate"]) same(await (await ask(path, bearerOf(tokens))).json(), { subject });
    equal((await ask("/.well-known/jwks.json")).status, 200);
    same(said(await ask("/authenticate")), [401, "Bearer"]);
  });

  test("hono: the issuer's endpoints answer, what is none goes on, and what events promise is waited for", async () => {
    const done = Promise.resolve();
    const { issuer, signIn, options } = await open(() => {});
    const telling = edge.createIssuer({ ...options, onEvent: () => done });
    const app = new Hono();
    app.use(issuerRoutes(telling, { ip: (/** @type {any} */ c) => c.req.header("x-peer") }));
    app.get("/token", (/** @type {any} */ c) => c.text("nobody"));
    app.get("/other", (/** @type {any} */ c) => c.text("other"));
    const tokens = await signIn();
    const post = (/** @type {string} */ refreshToken, /** @type {any[]} */ ...context) =>
      app.fetch(new Request(`${ISSUER}/token`, { method: "POST", body: new URLSearchParams(grantOf(refreshToken)), headers: { "x-peer": "192.0.2.1" } }), {}, ...context);
    const waited = /** @type {unknown[]} */ ([]);
    const response = await post(tokens.refresh_token, { waitUntil: (/** @type {unknown} */ work) => waited.push(work), passThroughOnException: () => {} });
    const next = await response.json();
    same([response.status, claimsOf(next).sid, waited.length], [200, tokens.session_id, 1]);
    // Node has nothing of the kind.
    equal((await post(next.refresh_token)).status, 200);
    equal(await (await app.fetch(new Request(`${ISSUER}/other`))).text(), "other");
    same((await issuer.sessions(claimsOf(next).sub)).map(({ device }) => device.ip), ["192.0.2.1"]);
    for (let guess = 0; guess < 20; guess++) equal((await post("garbage")).status, 400);
    equal((await post("garbage")).status, 429);
  });

  test("hono: cookies are renewed in the request, whatever it is answered", async () => {
    const { ask, issuer, subject } = await open(
      (app) => {
        app.use("/app/*", authenticate((/** @type {any} */ c) => c.env.issuer));
        app.get("/app/me", subjectOf);
        app.get("/app/raw", () => new Response("raw", { headers: { "cache-control": "public, max-age=600" } }));
        app.get("/app/broken", () => {
          throw new Error("broken");
        });
        app.onError((/** @type {any} */ error, /** @type {any} */ c) => (error.getResponse ? error.getResponse() : c.text("sorry", 500)));
      },
      { cookie: true },
    );
    const enter = async () => {
      const response = await issuer.signInResponse(new Request(`${ISSUER}/login`, { method: "POST", headers: OWN }), { subject, clientId: "web" });
      return cookiesOf(response);
    };
    same(said(await ask("/app/me")), [401, "Bearer"]);
    const current = await enter();
    const idle = await ask("/app/me", { cookie: current });
    same([await idle.json(), idle.headers.getSetCookie()], [{ subject }, []]);
    for (const [path, status] of /** @type {[string, number][]} */ ([["/app/me", 200], ["/app/raw", 200], ["/app/broken", 500], ["/app/nowhere", 404]])) {
      const old = (await enter()).replace(/__Host-evertoken-access=[^;]*(; )?/, "");
      const response = await ask(path, { cookie: old });
      same([response.status, response.headers.getSetCookie().length, response.headers.get("cache-control")], [status, 3, "private, no-store"], path);
      same(await (await ask("/app/me", { cookie: cookiesOf(response) })).json(), { subject }, path);
    }
  });

  test("hono: who signs out in a request that was renewed is signed out", async () => {
    const { ask, issuer, subject } = await open(
      (app, { issuer }) => app.post("/logout", authenticate(issuer), (/** @type {any} */ c) => issuer.signOutResponse(c.req.raw)),
      { cookie: true },
    );
    const entered = await issuer.signInResponse(new Request(`${ISSUER}/login`, { method: "POST", headers: OWN }), { subject, clientId: "web" });
    const old = cookiesOf(entered).replace(/__Host-evertoken-access=[^;]*(; )?/, "");
    const response = await ask("/logout", { cookie: old, ...OWN }, { method: "POST" });
    const lines = response.headers.getSetCookie();
    same([response.status, lines.length, cookiesOf(response)], [204, 6, ""]);
    same(await issuer.sessions(subject), []);
  });

  test("hono: one-token mode: a token near its end is answered with its successor", async () => {
    const { ask, clock, signIn, subject } = await open((app, { issuer }) => app.get("/me", authenticate(issuer), subjectOf), { refreshToken: false });
    const tokens = await signIn();
    equal((await ask("/me", bearerOf(tokens))).headers.get("renewed-token"), null);
    clock.pass(280);
    const response = await ask("/me", bearerOf(tokens));
    same([await response.json(), response.headers.get("cache-control")], [{ subject }, "private, no-store"]);
    clock.pass(200);
    same(await (await ask("/me", bearerOf(response.headers.get("renewed-token")))).json(), { subject });
    equal((await ask("/me", bearerOf(tokens))).status, 401);
  });
};

/** What a browser would send back: the last of each name, unless it was taken away. */
const cookiesOf = (/** @type {Response} */ response) => {
  const jar = new Map();
  for (const line of response.headers.getSetCookie()) {
    const [pair] = line.split("; ");
    const name = pair.slice(0, pair.indexOf("="));
    if (line.includes("Max-Age=0;")) jar.delete(name);
    else jar.set(name, pair);
  }
  return [...jar.values()].join("; ");
};
