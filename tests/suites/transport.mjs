// The refresh token in a cookie: a jar that behaves as a browser's, and everybody who uses it. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, claimsOf, hurried, ISSUER, world } from "./world.mjs";

const NAME = "__Host-evertoken";
const OWN = { "sec-fetch-site": "same-origin" };
const refreshing = { grant_type: "refresh_token", client_id: "web" };

/** The cookies of one browser. */
export const jarOf = (clock, from = []) => {
  const cookies = new Map(from);
  const live = () => [...cookies].filter(([, { until }]) => until > clock.now);
  return {
    /** Takes an answer in, as a browser does before anybody sees it. */
    take: ({ headers }) => {
      for (const line of headers.getSetCookie()) {
        const [pair, ...attributes] = line.split("; ");
        const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
        const own = Object.fromEntries(attributes.map((attribute) => attribute.split("=")));
        ok("Secure" in own && name.length + value.length <= 4096, line);
        if (name.startsWith("__Host-")) same([own.Path, own.Domain], ["/", undefined], name);
        cookies.set(name, { value, until: clock.now + Number(own["Max-Age"]) * 1000, hidden: "HttpOnly" in own, own });
      }
    },
    header: () => live().map(([name, { value }]) => `${name}=${value}`).join("; "),
    /** What `document.cookie` shows. */
    page: () => live().flatMap(([name, { value, hidden }]) => (hidden ? [] : [`${name}=${value}`])),
    value: (suffix = "") => live().find(([name]) => name === NAME + suffix)?.[1].value,
    attributes: (suffix = "") => cookies.get(NAME + suffix)?.own,
    delete: (suffix = "") => cookies.delete(NAME + suffix),
    copy: () => jarOf(clock, cookies),
  };
};

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testTransport = (runtime) => {
  const { test, edge } = runtime;

  /** A browser before an issuer with cookies. */
  const open = async (options = {}) => {
    const here = await world(runtime, { cookie: true, ...options });
    const { clock, issuer, subject } = here;
    const jar = jarOf(clock);
    const request = (path, { method = "POST", headers = OWN, fields, from = jar } = {}) =>
      new Request(ISSUER + path, { method, headers: { cookie: from.header(), ...headers }, body: fields && new URLSearchParams(fields) });
    const post = (path, fields, more) => issuer.handle(request(path, { fields, ...more }));
    return {
      ...here,
      jar,
      request,
      post,
      token: (fields = {}, more = {}) => post("/token", { ...refreshing, ...fields }, more),
      page: (headers = { "sec-fetch-site": "none" }, from = jar) => issuer.authenticate(request("/", { method: "GET", headers, from })),
      enter: async () => {
        const response = await issuer.signInResponse(request("/login"), { subject, clientId: "web" });
        jar.take(response);
        return response.json();
      },
    };
  };
  const problem = async (response) => {
    const { error, code } = await response.json();
    return code === undefined ? [response.status, error] : [response.status, error, code];
  };
  const untouched = (response) => same(response.headers.getSetCookie(), [], "cookies");
  const cleared = (response) => {
    const lines = response.headers.getSetCookie();
    equal(lines.length, 3);
    for (const line of lines) ok(line.includes("=; Max-Age=0; "), line);
  };

  test("C37: the page never sees a refresh token, and the browser sends it back", async () => {
    const { clock, enter, jar, token } = await open();
    const tokens = await enter();
    ok(!("refresh_token" in tokens) && tokens.generation === 1 && tokens.refresh_token_expires_in === 604_800, JSON.stringify(tokens));
    equal(jar.page().length, 1);
    ok(new RegExp(`^${NAME}-attempt=1\\.[\\w-]{22,64}$`).test(jar.page()[0]), jar.page()[0]);
    ok(jar.value().startsWith("rt1.") && jar.value("-access") === tokens.access_token, "hidden from the page");
    for (const [suffix, life] of [["", "604800"], ["-attempt", "604800"], ["-access", "300"]]) {
      const { Path, SameSite, "Max-Age": age } = jar.attributes(suffix);
      same([Path, SameSite, age], ["/", "Strict", life]);
    }
    clock.pass(400);
    const before = jar.value();
    const response = await token();
    same([response.status, response.headers.get("cache-control")], [200, "no-store"]);
    jar.take(response);
    const next = await response.json();
    same([next.generation, "refresh_token" in next, jar.value("-access") === next.access_token], [2, false, true]);
    ok(jar.value() !== before && jar.value("-attempt").startsWith("2."), "all three moved on");
  });

  test("C37, C52: nothing that another site sends changes or ends anything", async () => {
    const { enter, issuer, jar, page, post, request, token, watch } = await open();
    const { access_token } = await enter();
    watch.reset();
    const strangers = [
      { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      { "sec-fetch-site": "same-site", origin: "https://sibling.issuer.example" },
      { "sec-fetch-site": "same-site", origin: ISSUER },
      { "sec-fetch-site": "none" },
      { origin: "https://sibling.issuer.example" },
      { origin: "null" },
      {},
    ];
    for (const headers of strangers) {
      for (const path of ["/token", "/revoke"]) {
        for (const fields of [refreshing, { ...refreshing, token: access_token }]) {
          const response = await post(path, fields, { headers });
          untouched(response);
          same(await problem(response), [403, "invalid_request"], JSON.stringify(headers));
        }
      }
      for (const call of [() => issuer.signOutResponse(request("/logout", { headers })), () => issuer.signInResponse(request("/login", { headers }), {})]) {
        const response = await call();
        untouched(response);
        equal(response.status, 403);
      }
      const ending = await issuer.handle(request("/sessions", { method: "DELETE", headers }));
      untouched(ending);
      equal(ending.status, 401);
      equal(await issuer.authenticate(request("/transfer", { headers })), null, "a POST with cookies");
    }
    equal(watch.reads + watch.writes, 0, "store calls");
    const byOrigin = await token({}, { headers: { origin: ISSUER } });
    equal(byOrigin.status, 200, "a browser that says no more");
    jar.take(byOrigin);
    equal((await page()).claims.sid, (await byOrigin.json()).session_id);
  });

  test("C37: a refresh token in the form is refused, and stays good", async () => {
    const { enter, issuer, jar, post, subject, token } = await open();
    await enter();
    const [refresh_token] = jar.value().split("~");
    for (const response of [await token({ refresh_token }), await post("/revoke", { client_id: "web", token: refresh_token })]) {
      untouched(response);
      same(await problem(response), [400, "invalid_request"]);
    }
    equal((await token()).status, 200);
    // The application itself has them as ever.
    const own = await issuer.issue({ subject, clientId: "web" });
    equal((await issuer.refresh(own.refresh_token, { clientId: "web" })).generation, 2);
  });

  test("C52: an answer that is lost is given again, however late, until the session ends", async () => {
    const { clock, enter, jar, kinds, token } = await open();
    await enter();
    for (const wait of [0, 30, 36, 86_400]) {
      clock.pass(400);
      const lost = await (await token()).json();
      clock.pass(wait);
      const again = await token();
      jar.take(again);
      const answer = await again.json();
      same([answer.generation, claimsOf(answer)], [lost.generation, claimsOf(lost)], `after ${wait} s`);
    }
    same(new Set(kinds()).size, 3, kinds().join());
    equal((await token()).status, 200);
  });

  test("C52: the page misses the answer, and the jar has it", async () => {
    const { clock, enter, jar, token } = await open();
    await enter();
    const stale = jar.value("-attempt").split(".")[1];
    clock.pass(86_400);
    jar.take(await token());
    clock.pass(86_400);
    // A client that keeps attempts of its own is behind the jar, and is told so.
    const behind = await token({ attempt: stale });
    untouched(behind);
    same(await problem(behind), [400, "invalid_grant", "superseded"]);
    const next = await token();
    same([next.status, (await next.json()).generation], [200, 3]);
  });

  test("C52: two tabs and a renderer with one jar, their answers in any order", async () => {
    const { clock, enter, jar, kinds, page, token } = await open();
    await enter();
    for (let round = 0; round < 6; round++) {
      clock.pass(400);
      const [one, two, rendered] = await Promise.all([token(), token(), page()]);
      const lines = [one, two, rendered].map(({ headers }) => headers.getSetCookie().slice(0, 2));
      same(lines[0], lines[1], "both tabs");
      same(lines[0], lines[2], "and the renderer");
      jar.take(one);
      // A tab refreshes again, and only then come the others' answers: the jar falls back.
      const late = await token({}, { from: jar.copy() });
      jar.take(late);
      jar.take(rendered);
      jar.take(two);
      equal((await late.json()).generation, 3 + round * 2);
      clock.pass(400);
      const next = await token();
      jar.take(next);
      equal((await next.json()).generation, 3 + round * 2, "what the jar had lost");
    }
    same([...new Set(kinds())].sort(), ["issued", "refreshed", "replayed"], "no alarm");
  });

  test("C52: whoever copies the jar is found out, and cut off together with the session", async () => {
    for (const thiefFirst of [true, false]) {
      const { clock, enter, jar, kinds, token } = await open();
      await enter();
      const thief = jar.copy();
      const holders = thiefFirst ? [thief, jar] : [jar, thief];
      let last;
      for (let turn = 0; turn < 6 && !kinds().includes("reuse"); turn++) {
        clock.pass(200);
        const from = holders[turn % 2];
        last = await token({}, { from });
        if (!kinds().includes("reuse")) from.take(last);
      }
      same(await problem(last), [400, "invalid_grant", "reuse"]);
      cleared(last);
      for (const from of holders) same(await problem(await token({}, { from })), [400, "invalid_grant", "reuse"]);
    }
  });

  test("C52: a client that is superseded for good can have that settled", async () => {
    const { clock, enter, jar, token } = await open();
    await enter();
    const old = jar.copy();
    for (let n = 0; n < 3; n++) {
      clock.pass(400);
      jar.take(await token());
    }
    clock.pass(400);
    // The jar of a device that was restored from a backup: its token was used, with this very attempt.
    const response = await token({}, { from: old });
    untouched(response);
    same(await problem(response), [400, "invalid_grant", "superseded"]);
    const settled = await token({ attempt: "none" }, { from: old });
    cleared(settled);
    same(await problem(settled), [400, "invalid_grant", "reuse"]);
  });

  test("I22: a request with an expired access token and a good refresh cookie passes, and twenty at once agree", async () => {
    const { clock, enter, jar, kinds, page, subject, token } = await open();
    await enter();
    const still = await page();
    same([still.claims.sub, [...still.headers], Object.isFrozen(still), Object.isFrozen(still.claims)], [subject, [], true, true]);
    clock.pass(400);
    const answers = await Promise.all(Array.from({ length: 20 }, () => page()));
    for (const { claims, headers } of answers) {
      same(claims, answers[0].claims);
      same(headers.getSetCookie().slice(0, 2), answers[0].headers.getSetCookie().slice(0, 2));
      equal(headers.get("cache-control"), "private, no-store");
      const [access] = headers.getSetCookie()[2].split("; ");
      same(claimsOf({ access_token: access }), claims, "the token of the cookie");
    }
    same([answers[0].claims.sub, answers[0].headers.getSetCookie().length], [subject, 3]);
    jar.take(answers[7]);
    same([...(await page()).headers], [], "nothing to renew");
    jar.delete("-access");
    ok((await page()).headers.getSetCookie().length === 3, "a missing access token");
    equal(kinds().filter((kind) => kind === "refreshed").length, 2);
    clock.pass(400);
    equal((await token()).status, 200);
  });

  test("I22: a renewal whose answer was lost is given again, and the next one is new", async () => {
    const { clock, enter, issuer, jar, kinds, page, subject } = await open();
    await enter();
    clock.pass(400);
    const lost = await page();
    clock.pass(86_400);
    const again = await page();
    same(again.claims, lost.claims, "what was committed");
    jar.take(again);
    equal(jar.value("-access"), undefined, "over");
    const fresh = await page();
    jar.take(fresh);
    equal(fresh.claims.iat, clock.now / 1000);
    ok(claimsOf({ access_token: jar.value("-access") }).jti !== lost.claims.jti, "a new one");
    same(kinds(), ["issued", "refreshed", "replayed", "refreshed"]);
    clock.pass(400);
    await page();
    await issuer.bumpPermissions(subject);
    equal(await page(), null, "what it says is no longer so");
  });

  test("I22: a bearer token counts by itself, and cookies only where they may", async () => {
    const { clock, enter, issuer, jar, request, subject } = await open();
    const { access_token } = await enter();
    const bearer = { authorization: `Bearer ${access_token}` };
    const none = jarOf(clock);
    const ask = (headers, more) => issuer.authenticate(request("/api", { headers, ...more }));
    equal((await ask(bearer, { from: none })).claims.sub, subject);
    equal((await ask({ ...bearer, "sec-fetch-site": "cross-site" }, { from: none })).claims.sub, subject, "from anywhere");
    equal((await ask(OWN)).claims.sub, subject, "a POST of the own page, by cookie");
    equal(await ask({ authorization: "Bearer x.y.z" }, { from: none }), null);
    equal(await ask({ authorization: `Bearer ${access_token}`.slice(0, -9) }, { from: none }), null);
    equal(await ask({}, { from: none }), null);
    clock.pass(400);
    equal(await ask(bearer, { from: none }), null, "over");
    equal((await ask({ ...bearer, ...OWN })).headers.getSetCookie().length, 3, "over, and renewed by cookie");
    const used = new Request(`${ISSUER}/api`, { method: "POST", headers: { ...OWN, cookie: jar.header() }, body: "read" });
    await used.text();
    equal((await issuer.authenticate(used)).claims.sub, subject, "whatever became of the body");
    await refused(issuer.authenticate("https://x.example"), { code: "ERR_OPTIONS", option: "request" });
    const elsewhere = edge.createIssuer({ ...(await open()).options, audience: "https://other.example", cookie: false });
    equal(await elsewhere.authenticate(request("/")), null, "no cookies there");
  });

  test("I22: a token for another audience is nobody's bearer here", async () => {
    const { issuer, options, request, subject } = await open({ clients: { web: {}, other: { audience: "https://other.example" } } });
    const { access_token } = await issuer.issue({ subject, clientId: "other" });
    equal(await issuer.authenticate(request("/", { headers: { authorization: `Bearer ${access_token}` } })), null);
    const own = await issuer.signInResponse(request("/login"), { subject, clientId: "other" });
    const jar = jarOf({ now: options.now() });
    jar.take(own);
    equal((await issuer.authenticate(request("/", { method: "GET", from: jar }))).claims.aud, "https://other.example", "by its own cookie");
  });

  test("I22: a store that fails signs nobody out", async () => {
    const { clock, enter, issuer, page, request, token, watch } = await open();
    await enter();
    clock.pass(400);
    watch.intercept = async () => {
      throw new Error("down");
    };
    await refused(page(), { code: "ERR_STORE", retryable: true });
    const response = await token();
    untouched(response);
    same(await problem(response), [503, "temporarily_unavailable"]);
    await refused(issuer.signOutResponse(request("/logout")), { code: "ERR_STORE" });
    watch.intercept = undefined;
    ok((await page()) !== null, "as before");
  });

  test("a sign-out ends the session of the cookie, or of the bearer token, and clears the cookies", async () => {
    const { clock, enter, issuer, jar, page, request, subject, token } = await open();
    const old = async (headers, more) => {
      await enter();
      clock.pass(400);
      const response = await issuer.signOutResponse(request("/logout", { headers, ...more }));
      same([response.status, await response.text(), response.headers.get("cache-control")], [204, "", "no-store"]);
      return response;
    };
    const response = await old(OWN);
    cleared(response);
    equal((await issuer.sessions(subject)).length, 0);
    same(await problem(await token()), [400, "invalid_grant", "revoked"], "a copy of the cookies");
    jar.take(response);
    same([await page(), jar.header()], [null, ""]);
    cleared(await issuer.signOutResponse(request("/logout")));
    const { access_token } = await issuer.issue({ subject, clientId: "web" });
    const foreign = { authorization: `Bearer ${access_token}`, "sec-fetch-site": "cross-site" };
    const ended = await issuer.signOutResponse(request("/logout", { headers: foreign }));
    equal(ended.status, 204);
    untouched(ended);
    equal((await issuer.sessions(subject)).length, 0);
    const plain = await world(runtime);
    const tokens = await plain.signIn();
    const byBearer = new Request(`${ISSUER}/logout`, { method: "POST", headers: { authorization: `Bearer ${tokens.access_token}` } });
    untouched(await plain.issuer.signOutResponse(byBearer));
    await refused(plain.refresh(tokens), { code: "ERR_REFRESH_REVOKED" });
  });

  test("/revoke without a token ends the session of the cookie", async () => {
    const { enter, jar, post, token } = await open();
    await enter();
    const other = await post("/revoke", { client_id: "other" });
    untouched(other);
    same(await problem(other), [400, "invalid_grant", "invalid"], "another client's");
    const response = await post("/revoke", { client_id: "web" });
    equal(response.status, 200);
    cleared(response);
    const over = await token();
    cleared(over);
    same(await problem(over), [400, "invalid_grant", "revoked"]);
    jar.take(over);
    equal((await post("/revoke", {})).status, 200, "nobody is signed in");
    same(await problem(await token()), [400, "invalid_grant", "unknown"]);
  });

  test("sessions are listed and ended by cookie, and whoever ends their own is signed out", async () => {
    const { enter, issuer, jar, page, request } = await open();
    const call = (method, path) => issuer.handle(request(path, { method }));
    const first = await enter();
    await enter();
    same((await (await call("GET", "/sessions")).json()).map(({ current }) => current), [undefined, true]);
    untouched(await call("DELETE", `/sessions/${first.session_id}`));
    untouched(await call("DELETE", "/sessions?except=current"));
    const [{ id }] = await (await call("GET", "/sessions")).json();
    cleared(await call("DELETE", `/sessions/${id}`));
    await enter();
    const all = await call("DELETE", "/sessions");
    cleared(all);
    jar.take(all);
    equal(await page(), null);
  });

  test("what another client's page sends leaves the cookies alone, and a secret is asked for", async () => {
    const secret = "a client's secret, known to nobody else";
    const { enter, issuer, jar, request, subject, token } = await open({ clients: { web: {}, app: {}, server: { secret } } });
    await enter();
    const wrong = await token({ client_id: "app" });
    untouched(wrong);
    same(await problem(wrong), [400, "invalid_grant", "invalid"]);
    const unnamed = await token({ client_id: "" });
    equal(unnamed.status, 200, "the cookie knows whose it is");
    jar.take(await issuer.signInResponse(request("/login"), { subject, clientId: "server" }));
    same(await problem(await token({ client_id: "" })), [401, "invalid_client"]);
    equal((await token({ client_id: "server", client_secret: secret })).status, 200);
  });

  test("a sign-in answers as the application wants it, and as it must", async () => {
    const { issuer, jar, request, subject, watch } = await open();
    const grant = { subject, clientId: "web" };
    const login = () => request("/login", { headers: { ...OWN, "user-agent": "Browser/1" } });
    const response = await issuer.signInResponse(login(), grant, { status: 303, headers: { location: "/home", "cache-control": "public", "set-cookie": "theme=dark; Secure" } });
    const header = (name) => response.headers.get(name);
    same([response.status, header("location"), header("cache-control"), header("content-type")], [303, "/home", "no-store", "application/json"]);
    equal(response.headers.getSetCookie().length, 4);
    equal((await issuer.sessions(subject))[0].device.userAgent, "Browser/1");
    jar.take(await issuer.signInResponse(request("/callback", { method: "GET", headers: { "sec-fetch-site": "cross-site" } }), grant));
    ok(jar.value().startsWith("rt1."), "back from an identity provider");
    watch.reset();
    for (const init of [{ status: 999 }, { status: 204 }, { headers: { "not a name": "x" } }]) {
      await refused(issuer.signInResponse(login(), grant, init), { code: "ERR_OPTIONS", option: "init" });
    }
    await refused(issuer.signInResponse(login(), { subject }), { code: "ERR_OPTIONS", option: "clientId" });
    await refused(issuer.signInResponse({}, grant), { code: "ERR_OPTIONS", option: "request" });
    equal(watch.writes, 0, "nobody was signed in");
    const plain = await world(runtime);
    const body = await plain.issuer.signInResponse(request("/login", { headers: {} }), grant);
    untouched(body);
    ok((await body.json()).refresh_token.startsWith("rt1."), "in the body, where there are no cookies");
  });

  test("cookies go by the names and ways that are asked for", async () => {
    const { issuer, request, subject } = await open({ cookie: { name: "sid", path: "/app", domain: "issuer.example", sameSite: "lax" } });
    const [refresh] = (await issuer.signInResponse(request("/app/login"), { subject, clientId: "web" })).headers.getSetCookie();
    ok(/^__Secure-sid=rt1\.\S+; Max-Age=604800; Path=\/app; Secure; SameSite=Lax; Domain=issuer\.example; HttpOnly$/.test(refresh), refresh);
    for (const [cookie, option] of [
      [{ name: "a;b" }, "cookie.name"],
      [{ path: "app" }, "cookie.path"],
      [{ domain: "x; Path=/" }, "cookie.domain"],
      [{ sameSite: "loose" }, "cookie.sameSite"],
      [{ secure: false }, "cookie.secure"],
      ["yes", "cookie"],
    ]) {
      let error;
      try {
        await edge.createIssuer({ ...(await world(runtime)).options, cookie }).jwks();
      } catch (thrown) {
        error = thrown;
      }
      same([error?.code, error?.option], ["ERR_OPTIONS", option]);
    }
  });

  test("an access token that no cookie holds is left out, and asked for anew", async () => {
    // A signature after quantum computers takes 4.4 KB by itself.
    const { enter, jar, page, subject } = await open({ signingKeys: [await edge.generateKey("ML-DSA-65")] });
    await enter();
    equal(jar.value("-access"), undefined);
    equal((await page()).claims.sub, subject);
  });

  test("garbage in cookies is nobody's session, and harms nobody", async () => {
    const { clock, enter, issuer, jar, request, token } = await open();
    await enter();
    const pieces = [jar.value(), jar.value("-attempt"), jar.value("-access"), NAME, `${NAME}-attempt`, `${NAME}-access`, "=", ";", "; ", "~", ".", "%00", "\"", "é", "rt1.", "9".repeat(30), "A".repeat(22)];
    const pick = () => pieces[Math.floor(Math.random() * pieces.length)];
    clock.pass(400);
    await hurried(async () => {
      for (let n = 0; n < 300; n++) {
        const header = Array.from({ length: Math.floor(Math.random() * 12) }, pick).join("").trim();
        // What is good by chance is no garbage.
        if (header.includes(`${NAME}=${jar.value()}`)) continue;
        const from = { header: () => header };
        equal(await issuer.authenticate(request("/", { method: "GET", from })), null, header);
        const response = await token({}, { from });
        equal(response.status, 400, header);
      }
    });
    const good = await token({}, { from: { header: () => `a=b; ${NAME}-attempt=${attempt()}; ${jar.header()}` } });
    equal(good.status, 200);
  });
};
