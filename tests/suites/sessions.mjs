// What becomes of sessions once somebody ends them, counts them or changes what they may do. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, claimsOf, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testSessions = (runtime) => {
  const { test, edge } = runtime;
  const open = (options) => world(runtime, options);

  test("I11: ending one session leaves the others, and its access token is refused at once", async () => {
    const { issuer, kinds, refresh, signIn } = await open();
    const [one, other] = [await signIn(), await signIn()];
    await issuer.revokeSession(one.session_id);
    await issuer.revokeSession(one.session_id);
    await issuer.revokeSession("nobody.knows");
    for (const nothing of [undefined, "", one]) {
      await refused(issuer.revokeSession(nothing), { code: "ERR_OPTIONS", option: "sessionId" });
      await refused(issuer.revoke(nothing), { code: "ERR_OPTIONS", option: "token" });
    }
    const { verify } = issuer.verifier({ revocation: "session" });
    await refused(verify(one.access_token), { code: "ERR_TOKEN_REVOKED" });
    await issuer.verifier().verify(one.access_token);
    await verify(other.access_token);
    equal((await refresh(other)).generation, 2);
    equal(kinds().filter((kind) => kind === "revoked").length, 1);
  });

  test("I12: a refresh token of any generation takes its session with it", async () => {
    const { clock, issuer, refresh, signIn } = await open();
    const first = await signIn();
    const second = await refresh(first);
    clock.pass(3600);
    await issuer.revoke(first.refresh_token);
    await issuer.revoke(first.refresh_token);
    await refused(refresh(second), { code: "ERR_REFRESH_REVOKED" });
    await refused(issuer.verifier({ revocation: "session" }).verify(second.access_token), { code: "ERR_JWT_EXPIRED" });
  });

  test("I12: an access token takes only itself", async () => {
    const { issuer, refresh, signIn } = await open();
    const tokens = await signIn();
    const { verify } = issuer.verifier({ revocation: "session" });
    await issuer.revoke(tokens.access_token);
    await refused(verify(tokens.access_token), { code: "ERR_TOKEN_REVOKED" });
    const next = await refresh(tokens);
    await verify(next.access_token);
    await issuer.revoke("nothing at all");
    await issuer.revoke(`${next.access_token.slice(0, -4)}AAAA`);
    await verify(next.access_token);
  });

  test("I15: one session too many is refused where that is configured", async () => {
    const { signIn } = await open({ sessionsPerSubject: 2, onSessionLimit: "reject" });
    await signIn();
    await signIn();
    await refused(signIn(), { code: "ERR_SESSION_LIMIT" });
  });

  test("I11: five devices; all but one are ended, and what is left is listed", async () => {
    const { clock, issuer, events, refresh, signIn, subject } = await open();
    const devices = [];
    for (let n = 0; n < 5; n++) {
      clock.pass(10);
      devices.push(await signIn({ device: { label: `device ${n}` }, clientId: n ? "web" : "phone" }));
    }
    await issuer.revokeSession(devices[4].session_id);
    clock.pass(100);
    const kept = await refresh(devices[1]);
    const listed = await issuer.sessions(subject);
    same(listed.map(({ id }) => id), devices.slice(0, 4).map(({ session_id }) => session_id));
    const { id, device, createdAt, lastUsedAt, clientId } = listed[1];
    same([id, device.label, lastUsedAt - createdAt, clientId], [kept.session_id, "device 1", 130, "web"]);
    equal(await issuer.revokeSubject(subject, { except: kept.session_id }), 3);
    same((await issuer.sessions(subject)).map(({ id }) => id), [kept.session_id]);
    await refused(issuer.refresh(devices[0].refresh_token, { clientId: "phone" }), { code: "ERR_REFRESH_REVOKED" });
    await refused(issuer.verifier({ revocation: "session" }).verify(devices[2].access_token), { code: "ERR_TOKEN_REVOKED" });
    equal((await refresh(kept)).generation, 3);
    equal(await issuer.revokeSubject(subject), 1);
    same(await issuer.sessions(subject), []);
    const ended = events.filter(({ type }) => type === "revoked").map(({ sessionId, clientId }) => `${sessionId} of ${clientId}`);
    const wanted = [devices[4], devices[0], devices[2], devices[3], kept].map(({ session_id: id }) => `${id} of ${id === devices[0].session_id ? "phone" : "web"}`);
    same(ended, wanted, "each once, and whose it was");
    equal((await signIn()).generation, 1, "a new sign-in is welcome");
  });

  test("I11: a subject that nobody knows has no sessions, and none to end", async () => {
    const { issuer, signIn, subject } = await open();
    same(await issuer.sessions(subject), []);
    equal(await issuer.revokeSubject(subject), 0);
    await refused(issuer.revokeSubject(subject, { except: "nobody.knows" }), { code: "ERR_OPTIONS", option: "except" });
    for (const wrong of ["", "x".repeat(256)]) await refused(issuer.revokeSubject(wrong), { code: "ERR_OPTIONS", option: "subject" });
    await refused(issuer.sessions(undefined), { code: "ERR_OPTIONS", option: "subject" });
    await signIn();
    equal((await issuer.sessions(subject)).length, 1);
  });

  test("I11: a session that ran out is not listed, and not counted", async () => {
    const { clock, issuer, signIn, subject } = await open();
    await signIn();
    clock.pass(7 * 86_400);
    const tokens = await signIn();
    same((await issuer.sessions(subject)).map(({ id }) => id), [tokens.session_id]);
    equal(await issuer.revokeSubject(subject), 1);
  });

  test("I31: whatever is in flight while all sessions are ended, nothing survives or hides", async () => {
    const works = {
      "a first sign-in": ({ signIn }) => signIn(),
      "a sign-in": ({ signIn }) => signIn(),
      "a refresh": ({ refresh }, tokens) => refresh(tokens, { attempt: attempt() }),
      "a repeat": ({ refresh }, tokens, one) => refresh(tokens, one),
    };
    for (const [what, work] of Object.entries(works)) {
      // A repeat writes nothing.
      for (const call of what === "a repeat" ? ["get"] : ["get", "compareAndSet"]) {
        for (const when of ["before", "after"]) {
          const here = await open();
          const one = { attempt: attempt() };
          const tokens = what === "a first sign-in" ? undefined : await here.signIn();
          if (what === "a repeat") await here.refresh(tokens, one);
          let interrupted = false;
          here.watch.intercept = async (name, go) => {
            if (name !== call || interrupted) return go();
            interrupted = true;
            const early = when === "after" ? await go() : undefined;
            await here.issuer.revokeSubject(here.subject);
            return when === "after" ? early : go();
          };
          const answer = await work(here, tokens, one).catch((error) => error);
          here.watch.intercept = undefined;
          const label = `${what}, interrupted ${when} ${call}`;
          const listed = (await here.issuer.sessions(here.subject)).map(({ id }) => id);
          const alive = answer.refresh_token ? await here.refresh(answer).catch((error) => error) : undefined;
          // A sign-in that had not read anything yet comes after, and everybody sees it.
          const comesAfter = what.endsWith("sign-in") && call === "get" && when === "before";
          same([listed.length, Boolean(alive?.refresh_token)], comesAfter ? [1, true] : [0, false], label);
          if (alive instanceof Error) equal(alive.code, "ERR_REFRESH_REVOKED", label);
        }
      }
    }
  });

  test("I31: a proof of identity from before all sessions were ended is refused", async () => {
    const { clock, issuer, signIn, subject } = await open();
    const authTime = clock.now / 1000;
    clock.pass(10);
    await issuer.revokeSubject(subject);
    await refused(signIn({ authTime }), { code: "ERR_SESSION_ENDED" });
    await signIn({ authTime: clock.now / 1000 });
  });

  test("I31: a sign-in that is still to come, or told in milliseconds, would outlive every sign-out and is refused", async () => {
    const { clock, issuer, signIn } = await open();
    const { session_id } = await signIn({ authTime: clock.now / 1000 + 30 });
    for (const authTime of [clock.now, clock.now / 1000 + 3600]) {
      await refused(signIn({ authTime }), { code: "ERR_OPTIONS", option: "authTime" });
      await refused(issuer.elevate(session_id, { authTime }), { code: "ERR_OPTIONS", option: "authTime" });
    }
  });

  for (const onSessionLimit of ["evict-oldest", "reject"]) {
    test(`I15: two sign-ins at once never make one session too many (${onSessionLimit})`, async () => {
      const { clock, issuer, signIn, subject, events } = await open({ sessionsPerSubject: 3, onSessionLimit });
      const first = await signIn();
      clock.pass(1);
      await signIn();
      const answers = await Promise.allSettled([signIn(), signIn()]);
      const listed = (await issuer.sessions(subject)).map(({ id }) => id);
      equal(listed.length, 3);
      const refusals = answers.filter(({ status }) => status === "rejected").map(({ reason }) => reason.code);
      if (onSessionLimit === "reject") same(refusals, ["ERR_SESSION_LIMIT"]);
      else same(refusals, []);
      const evicted = events.filter(({ type }) => type === "evicted").map(({ sessionId }) => sessionId);
      same(evicted, onSessionLimit === "reject" ? [] : [first.session_id]);
      for (const { value } of answers) if (value) ok(listed.includes(value.session_id), "a session that nobody sees");
    });
  }

  test("I13: after a change of permissions older access tokens are stale, and the next refresh asks anew", async () => {
    let role = "user";
    const { issuer, refresh, signIn, subject } = await open({ claims: () => ({ role }) });
    const one = { attempt: attempt() };
    const first = await signIn();
    const tokens = await refresh(first, one);
    const { verify } = issuer.verifier({ revocation: "session" });
    await verify(tokens.access_token);
    role = "admin";
    await issuer.bumpPermissions(subject);
    await refused(verify(tokens.access_token), { code: "ERR_TOKEN_STALE", retryable: false });
    equal((await issuer.verifier().verify(tokens.access_token)).claims.role, "user", "without asking the store");
    const again = await refresh(first, one);
    same([claimsOf(again).role, again.expires_in], ["user", 0], "a repeat mints nothing, and asks to be renewed");
    const next = await refresh(again);
    equal((await verify(next.access_token)).claims.role, "admin");
  });

  test("I13: a sign-in under way while permissions change is made under the new ones", async () => {
    const { issuer, signIn, subject } = await open({ claims: () => changing() });
    let changing = async () => {
      changing = () => ({ role: "new" });
      await issuer.bumpPermissions(subject);
      return { role: "old" };
    };
    const tokens = await signIn();
    equal((await issuer.verifier({ revocation: "session" }).verify(tokens.access_token)).claims.role, "new");
  });

  test("I28: a step-up is in the next refresh of its session, and nowhere else", async () => {
    const { clock, issuer, refresh, signIn, subject } = await open();
    const one = { attempt: attempt() };
    const start = await signIn({ acr: "1", amr: ["pwd"] });
    const other = await signIn({ acr: "1", amr: ["pwd"] });
    const tokens = await refresh(start, one);
    clock.pass(60);
    await issuer.elevate(tokens.session_id, { acr: "2", amr: ["pwd", "otp"] });
    const proof = (answer) => {
      const { acr, amr, auth_time } = claimsOf(answer);
      return [acr, amr, auth_time - clock.now / 1000];
    };
    same(proof(await refresh(start, one)), ["1", ["pwd"], -60], "a repeat stays as it was");
    const next = await refresh(tokens);
    same(proof(next), ["2", ["pwd", "otp"], 0]);
    same(proof(await refresh(next)), ["2", ["pwd", "otp"], 0], "and it stays");
    same(proof(await refresh(other)), ["1", ["pwd"], -60], "the other session");
    await issuer.elevate(next.session_id, { authTime: clock.now / 1000 - 5 });
    const [session] = await issuer.sessions(subject);
    same([session.acr, session.authTime], ["2", clock.now / 1000 - 5]);
    await refused(issuer.elevate("nobody.knows", { acr: "2" }), { code: "ERR_SESSION_ENDED" });
    await refused(issuer.elevate(next.session_id, { acr: "x".repeat(129) }), { code: "ERR_OPTIONS", option: "acr" });
    await issuer.revokeSession(next.session_id);
    await refused(issuer.elevate(next.session_id, { acr: "2" }), { code: "ERR_SESSION_ENDED" });
  });
};
