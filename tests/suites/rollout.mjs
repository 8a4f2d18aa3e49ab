// What changes under a running session: secrets, keys, lifetimes, and the server that answers. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, claimsOf, form, grantOf, terms, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testRollout = (runtime) => {
  const { test, edge } = runtime;
  const open = (options) => world(runtime, options);
  const NEW = "the next secret for tests, of at least 32 bytes";
  const refreshing = (issuer) => (tokens, more = {}) => issuer.refresh(tokens.refresh_token, { clientId: "web", attempt: attempt(), ...more });

  test("I32: secrets rotate in two steps while old and new servers take turns, and nobody is signed out", async () => {
    const { options, signIn, events } = await open();
    const [OLD] = options.secrets;
    const server = (secrets) => refreshing(edge.createIssuer({ ...options, secrets }));
    let tokens = await signIn();
    // Each pair of neighbours runs at the same time in some step of a rollout.
    const steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]];
    for (let step = 0; step + 1 < steps.length; step++) {
      const [before, after] = [server(steps[step]), server(steps[step + 1])];
      for (const turn of [before, after, after, before, after]) tokens = await turn(tokens);
    }
    equal(tokens.generation, 16);
    ok(events.every(({ type }) => type === "issued" || type === "refreshed"), "nothing but refreshes");
  });

  test("I32: a token under a secret that a server has yet to learn may be tried again", async () => {
    const { issuer, options, signIn, watch } = await open();
    const next = edge.createIssuer({ ...options, secrets: [NEW, ...options.secrets] });
    const tokens = await refreshing(next)(await signIn());
    watch.reset();
    const response = await issuer.handle(form(grantOf(tokens)));
    same([response.status, (await response.json()).error], [503, "temporarily_unavailable"]);
    ok(Number(response.headers.get("retry-after")) > 0, "Retry-After");
    equal((await issuer.handle(form({ token: tokens.refresh_token, client_id: "web" }, { path: "/revoke" }))).status, 503, "not said to be done");
    await refused(issuer.revoke(tokens.refresh_token), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    equal(watch.writes, 0);
    equal((await refreshing(next)(tokens)).generation, 3);
  });

  test("I26: whatever changes between the commit and the retry, the retry gets what was committed", async () => {
    const { clock, options, refresh, signIn } = await open({ claims: () => ({ plan: "free" }) });
    const tokens = await signIn();
    const one = { attempt: attempt() };
    const first = await refresh(tokens, one);
    const changes = [
      { accessTokenTtl: 60 },
      { secrets: [NEW, ...options.secrets] },
      { signingKeys: [await edge.generateKey("EdDSA"), ...options.signingKeys] },
      { claims: () => ({ plan: "paid" }) },
      { audience: "https://other.example" },
      { refreshToken: { idleTtl: 60, absoluteTtl: 60, grace: 0 } },
      { clients: { web: {} }, sessionsPerSubject: 1 },
    ];
    clock.pass(10);
    for (const change of changes) {
      const again = await refreshing(edge.createIssuer({ ...options, ...change }))(tokens, one);
      same(claimsOf(again), claimsOf(first), Object.keys(change)[0]);
      same([again.generation, again.expires_in, again.refresh_token_expires_in], [2, 290, first.refresh_token_expires_in - 10]);
      if (!change.secrets) same(terms(again), terms(first));
    }
  });

  test("I14: what is published and accepted follows the keys, and tokens of an old key live out their time", async () => {
    const { clock, issuer, options, signIn } = await open();
    const tokens = await signIn();
    const fresh = await edge.generateKey("EdDSA");
    const [old] = options.signingKeys;
    const next = edge.createIssuer({ ...options, signingKeys: [fresh, old] });
    same((await next.jwks()).keys.map(({ kid }) => kid), [fresh.kid, old.kid]);
    await next.verifier({ revocation: "deny-list" }).verify(tokens.access_token);
    const second = await refreshing(next)(tokens);
    await refused(issuer.verifier().verify(second.access_token), { code: "ERR_JOSE_ALG_NOT_ALLOWED" });
    clock.pass(301 + 5);
    await refused(next.verifier().verify(tokens.access_token), { code: "ERR_JWT_EXPIRED" });
    const last = edge.createIssuer({ ...options, signingKeys: [fresh] });
    equal((await refreshing(last)(second)).generation, 3);
  });

  test("I27: servers whose clocks differ by half a minute sign nobody out, and lengthen no life", async () => {
    const { clock, kinds, options, signIn } = await open();
    const server = (seconds) => edge.createIssuer({ ...options, now: () => clock.now + seconds * 1000 });
    const servers = [-30, 0, 30, 15, -15].map((seconds) => [seconds, refreshing(server(seconds))]);
    let tokens = await signIn();
    const end = clock.now / 1000 + tokens.session_expires_in;
    for (let n = 0; n < 60; n++) {
      const [ahead, refresh] = servers[n % 5];
      const [, other] = servers[(n * 2 + 1) % 5];
      const one = { attempt: attempt() };
      const lost = await refresh(tokens, one);
      clock.pass(n);
      // The answer is lost, and another server gets the retry.
      const again = await other(tokens, one);
      same(terms(again), terms(lost));
      equal(clock.now / 1000 - n + ahead + lost.session_expires_in, end, "the absolute end");
      tokens = again;
      clock.pass(3600);
    }
    same([...new Set(kinds())], ["issued", "refreshed", "replayed"]);
  });

  test("I31: the session limit ends a session whose refresh is in flight", async () => {
    for (const call of ["get", "compareAndSet"]) {
      for (const when of ["before", "after"]) {
        const { clock, issuer, refresh, signIn, subject, watch } = await open({ sessionsPerSubject: 1 });
        const tokens = await signIn();
        clock.pass(1);
        let newer;
        watch.intercept = async (name, go) => {
          if (name !== call || newer) return go();
          newer = {};
          const early = when === "after" ? await go() : undefined;
          newer = await signIn();
          return when === "after" ? early : go();
        };
        const answer = await refresh(tokens, { attempt: attempt() }).catch((error) => error);
        watch.intercept = undefined;
        if (answer.refresh_token) await refused(refresh(answer), { code: "ERR_REFRESH_REVOKED", reason: "evicted" });
        else equal(answer.reason, "evicted", `${when} ${call}`);
        same((await issuer.sessions(subject)).map(({ id }) => id), [newer.session_id]);
      }
    }
  });
};
