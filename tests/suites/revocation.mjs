// Which access tokens still pass once something was revoked, what asking costs, and what happens when nobody can be asked.

import { equal, refused, same } from "./check.mjs";
import { attempt, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testRevocation = (runtime) => {
  const { test, edge } = runtime;
  const open = async (options) => {
    const here = await world(runtime, options);
    const passes = (how, more) => (tokens) => here.issuer.verifier({ revocation: how, ...more }).verify(tokens.access_token);
    /** What another isolate writes, of which this one hears nothing. */
    const elsewhere = async (record) => {
      const [key] = here.watch.records.keys();
      const { version } = await here.options.store.get(key);
      await here.options.store.compareAndSet(key, version, record, here.clock.now / 1000 + 86_400);
    };
    return { ...here, passes, elsewhere, record: () => [...here.watch.records.values()][0] };
  };

  for (const revocation of ["session", "deny-list"]) {
    test(`I12: what was revoked is refused at once (${revocation})`, async () => {
      const { clock, issuer, options, passes, refresh, signIn, subject } = await open();
      const check = passes(revocation);
      const tokens = await signIn();
      await check(tokens);
      await issuer.revoke(tokens.access_token);
      await refused(check(tokens), { code: "ERR_TOKEN_REVOKED", retryable: false });
      const next = await refresh(tokens);
      await check(next);
      // Another issuer in the same isolate, as one is made for each request.
      await edge.createIssuer(options).revokeSession(next.session_id);
      await refused(check(next), { code: "ERR_TOKEN_REVOKED" });
      const [one, other] = [await signIn(), await signIn()];
      await check(one);
      await issuer.revokeSubject(subject, { except: other.session_id });
      await refused(check(one), { code: "ERR_TOKEN_REVOKED" });
      await check(other);
      await issuer.bumpPermissions(subject);
      await refused(check(other), { code: "ERR_TOKEN_STALE" });
      const stolen = await refresh(other, { attempt: attempt() });
      await check(stolen);
      clock.pass(40);
      await refused(refresh(other, { attempt: attempt() }), { code: "ERR_REFRESH_REUSED" });
      await refused(check(stolen), { code: "ERR_TOKEN_REVOKED" });
    });

    test(`I12: twelve access tokens revoked in a row stay revoked, and their session lives on (${revocation})`, async () => {
      const { clock, issuer, passes, refresh, signIn } = await open();
      const gone = [];
      let tokens = await signIn();
      for (let n = 0; n < 12; n++) {
        await issuer.revoke(tokens.access_token);
        gone.push(tokens);
        clock.pass(2);
        tokens = await refresh(tokens);
      }
      for (const one of gone) await refused(passes(revocation)(one), { code: "ERR_TOKEN_REVOKED" });
      await passes(revocation)(tokens);
    });

    test(`I7: when the store is down tokens are refused, or pass where that was asked for (${revocation})`, async () => {
      const { clock, passes, signIn, watch } = await open();
      const tokens = await signIn();
      watch.intercept = () => Promise.reject(new Error("down"));
      await refused(passes(revocation)(tokens), { code: "ERR_STORE", retryable: true });
      await passes(revocation, { failOpen: true })(tokens);
      clock.pass(400);
      await refused(passes(revocation, { failOpen: true })(tokens), { code: "ERR_JWT_EXPIRED" });
    });

    test(`I7: what a store says about a token counts also where outages do not (${revocation})`, async () => {
      const { issuer, passes, signIn } = await open();
      const tokens = await signIn();
      await issuer.revokeSession(tokens.session_id);
      await refused(passes(revocation, { failOpen: true })(tokens), { code: "ERR_TOKEN_REVOKED" });
    });
  }

  test("I25: the deny-list is asked once for a while, the session each time", async () => {
    const { clock, passes, signIn, watch } = await open();
    const tokens = await signIn();
    const cost = async (check, times) => {
      watch.reset();
      for (let n = 0; n < times; n++) await check(tokens);
      return watch.reads;
    };
    equal(await cost(passes("deny-list"), 100), 1);
    clock.pass(5);
    equal(await cost(passes("deny-list"), 100), 1);
    equal(await cost(passes("deny-list", { staleness: 0 }), 3), 3);
    equal(await cost(passes("session"), 3), 3);
  });

  test("I12: what another isolate revokes is refused after the staleness at the latest", async () => {
    const { clock, elsewhere, issuer, passes, record, signIn } = await open();
    const tokens = await signIn();
    const before = record();
    await issuer.revokeSession(tokens.session_id);
    const after = record();
    await elsewhere(before);
    await passes("deny-list")(tokens);
    await elsewhere(after);
    clock.pass(4);
    await passes("deny-list")(tokens);
    await refused(passes("deny-list", { staleness: 3 })(tokens), { code: "ERR_TOKEN_REVOKED" });
    clock.pass(1);
    await refused(passes("deny-list")(tokens), { code: "ERR_TOKEN_REVOKED" });
  });

  test("I12: a check under way while its session is ended is not remembered", async () => {
    const { issuer, passes, signIn, watch } = await open();
    const tokens = await signIn();
    watch.intercept = async (name, go) => {
      watch.intercept = undefined;
      const answer = await go();
      await issuer.revokeSession(tokens.session_id);
      return answer;
    };
    // It asked first, so it may pass; nobody may after it.
    await passes("deny-list")(tokens);
    await refused(passes("deny-list")(tokens), { code: "ERR_TOKEN_REVOKED" });
  });

  test("I12: an account that is lost denies nothing, and holds no session", async () => {
    const { options, signIn } = await open();
    const tokens = await signIn();
    const lost = { ...options.store, get: async () => null };
    const verifier = (revocation) => edge.createIssuer({ ...options, store: lost }).verifier({ revocation });
    await verifier("deny-list").verify(tokens.access_token);
    await refused(verifier("session").verify(tokens.access_token), { code: "ERR_TOKEN_REVOKED" });
  });

  test("a verifier that asks accepts no more tolerance than revoked tokens are remembered for", async () => {
    const { issuer, signIn } = await open();
    const { access_token } = await signIn();
    for (const revocation of ["session", "deny-list"]) {
      await issuer.verifier({ revocation, clockTolerance: 60 }).verify(access_token);
      await refused(issuer.verifier({ revocation, clockTolerance: 61 }).verify(access_token), { code: "ERR_OPTIONS", option: "clockTolerance" });
    }
    await issuer.verifier({ clockTolerance: 61 }).verify(access_token);
    await refused(issuer.verifier({ revocation: "deny-list", staleness: 61 }).verify(access_token), { code: "ERR_OPTIONS", option: "staleness" });
  });

  test("I12: an access token that outlives its idle session does not pass", async () => {
    const { clock, passes, signIn } = await open({ accessTokenTtl: 3600, refreshToken: { idleTtl: 600 } });
    const tokens = await signIn();
    clock.pass(599);
    await passes("session")(tokens);
    clock.pass(1);
    await refused(passes("session")(tokens), { code: "ERR_TOKEN_REVOKED" });
    await passes("none")(tokens);
  });

  for (const [how, lose] of [
    ["says that it was too late", () => ({ ok: false })],
    ["breaks", () => Promise.reject(new Error("gone"))],
  ]) {
    test(`I5: reuse is reported once although the store ${how} after it wrote`, async () => {
      const { clock, kinds, refresh, signIn, watch } = await open();
      const tokens = await signIn();
      await refresh(tokens, { attempt: attempt() });
      clock.pass(40);
      watch.intercept = async (name, go) => {
        if (name !== "compareAndSet") return go();
        watch.intercept = undefined;
        await go();
        return lose();
      };
      await refresh(tokens, { attempt: attempt() }).catch(() => {});
      await refused(refresh(tokens, { attempt: attempt() }), { code: "ERR_REFRESH_REUSED" });
      same(kinds(), ["issued", "refreshed", "reuse"]);
    });
  }

  test("I11: sessions that were ended are counted although the answer to the write was lost", async () => {
    const { issuer, kinds, signIn, subject, watch } = await open();
    await signIn();
    await signIn();
    watch.intercept = async (name, go) => {
      if (name !== "compareAndSet") return go();
      watch.intercept = undefined;
      await go();
      return { ok: false };
    };
    equal(await issuer.revokeSubject(subject), 2);
    same(kinds(), ["issued", "issued", "revoked", "revoked"]);
  });
};
