// What an issuer must show on each real store: races, restored backups, what a dump gives away, what a refresh costs.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, terms, world } from "./world.mjs";

/**
 * @typedef {object} Database  what a runtime can do with the real thing behind its store
 * @property {() => any} makeStore
 * @property {() => Promise<string>} dump  everything that it holds, in plain sight
 * @property {() => Promise<() => Promise<void>>} backup  gives what restores it
 * @property {() => any} counted  `{ store, counts(): Promise<{ reads, writes }> }`: what the database itself was asked
 */

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, rounds?: number } & Database} runtime
 */
export const testOnStore = ({ test, edge, rounds = 3, makeStore, dump, backup, counted }) => {
  const open = (options, store = makeStore) => world({ edge, makeStore: store }, options);

  for (const [how, ask] of [["one attempt", () => ({ attempt: attempt() })], ["no attempt", () => ({})]]) {
    test(`I3: a hundred parallel refreshes with ${how}, on two servers, ${rounds} times`, async () => {
      const here = await open();
      const { kinds, options, signIn, subject } = here;
      const servers = [edge.createIssuer({ ...options, store: await makeStore() }), edge.createIssuer({ ...options, store: await makeStore() })];
      const other = await signIn({ clientId: "tablet" });
      let tokens = await signIn();
      for (let round = 1; round <= rounds; round++) {
        const asked = ask();
        const all = Array.from({ length: 100 }, (_, n) => servers[n % 2].refresh(tokens.refresh_token, { clientId: "web", ...asked }));
        const answers = await Promise.allSettled(all);
        const given = answers.flatMap(({ value }) => (value ? [value] : []));
        ok(given.length > 0, "nobody got tokens");
        for (const one of given) same(terms(one), terms(given[0]));
        for (const { reason } of answers) if (reason) ok(reason.retryable, `${reason.code} ${reason.message}`);
        equal(given[0].generation, round + 1, "generation");
        tokens = given[0];
        // Long enough for what a race without attempts takes from the budget.
        here.clock.pass(1800);
      }
      const { claims } = await servers[0].verifier({ revocation: "session" }).verify((await here.refresh(tokens)).access_token);
      equal(claims.sub, subject);
      equal((await servers[1].refresh(other.refresh_token, { clientId: "tablet" })).generation, 2, "the other device");
      same(kinds().filter((kind) => !["issued", "refreshed", "replayed", "grace"].includes(kind)), [], "no alarm");
    });
  }

  test("I31: once a session is revoked, no refresh that was under way gives tokens that are accepted", async () => {
    const { issuer, options, signIn } = await open();
    const rival = edge.createIssuer({ ...options, store: await makeStore() });
    const { verify } = issuer.verifier({ revocation: "session" });
    for (let round = 0; round < rounds * 2; round++) {
      const tokens = await signIn();
      const racing = Array.from({ length: 10 }, (_, n) => (n % 2 ? issuer : rival).refresh(tokens.refresh_token, { clientId: "web", attempt: attempt() }));
      const [, ...answers] = await Promise.allSettled([issuer.revokeSession(tokens.session_id), ...racing]);
      for (const { value } of answers) {
        if (!value) continue;
        await refused(verify(value.access_token), { code: "ERR_TOKEN_REVOKED" });
        await refused(rival.refresh(value.refresh_token, { clientId: "web" }), { code: "ERR_REFRESH_REVOKED" });
      }
      await refused(rival.refresh(tokens.refresh_token, { clientId: "web" }), { code: "ERR_REFRESH_REVOKED" });
    }
  });

  test("I31: what a subject's devices do while all of them are signed out is gone, or listed", async () => {
    for (let round = 0; round < rounds; round++) {
      const { issuer, options, signIn, subject } = await open();
      const rival = edge.createIssuer({ ...options, store: await makeStore() });
      const { verify } = issuer.verifier({ revocation: "session" });
      const old = [await signIn(), await signIn(), await signIn()];
      const refreshing = old.flatMap(({ refresh_token }) => [issuer, rival].map((server) => server.refresh(refresh_token, { clientId: "web", attempt: attempt() })));
      const signingIn = [issuer, rival, issuer].map((server) => server.issue({ subject, clientId: "web" }));
      const [ended, ...answers] = await Promise.allSettled([issuer.revokeSubject(subject), ...refreshing, ...signingIn]);
      ok(ended.status === "fulfilled" || ended.reason.retryable, String(ended.reason));
      if (ended.status === "rejected") await issuer.revokeSubject(subject);
      const older = new Set(old.map(({ session_id }) => session_id));
      const listed = (await rival.sessions(subject)).map(({ id }) => id);
      const living = new Set();
      for (const { access_token, session_id } of [...old, ...answers.flatMap(({ value }) => (value ? [value] : []))]) {
        if (await verify(access_token).then(() => true, () => false)) living.add(session_id);
      }
      ok([...living].every((id) => !older.has(id)), "an older session lives");
      same([...living].sort(), listed.sort(), "the sessions that live and those that are listed");
    }
  });

  test("I15: sign-ins at once are all of them counted", async () => {
    const { issuer, options, subject } = await open({ sessionsPerSubject: 3 });
    const rival = edge.createIssuer({ ...options, store: await makeStore() });
    const all = await Promise.allSettled(Array.from({ length: 6 }, (_, n) => (n % 2 ? issuer : rival).issue({ subject, clientId: "web" })));
    const given = all.flatMap(({ value }) => (value ? [value] : []));
    const { verify } = issuer.verifier({ revocation: "session" });
    const living = await Promise.all(given.map(({ access_token }) => verify(access_token).then(() => 1, () => 0)));
    equal(living.reduce((sum, one) => sum + one, 0), Math.min(3, given.length), "living sessions");
  });

  test("I7: the database went back to its backup, and nobody who was in it is signed out", async () => {
    const { clock, kinds, refresh, signIn } = await open();
    let tokens = await refresh(await signIn(), { attempt: attempt() });
    const quiet = await signIn();
    const restore = await backup();
    for (let n = 0; n < 3; n++) tokens = await refresh(tokens, { attempt: attempt() });
    const late = await signIn();
    clock.pass(3600);
    await restore();
    tokens = await refresh(tokens, { attempt: attempt() });
    equal(tokens.generation, 6);
    equal((await refresh(tokens, { attempt: attempt() })).generation, 7);
    equal((await refresh(quiet)).generation, 2, "who did nothing meanwhile");
    equal(kinds().filter((kind) => kind === "rollback").length, 1);
    ok(!kinds().includes("reuse") && !kinds().includes("revoked"), "nobody is signed out");
    await refused(refresh(late), { code: "ERR_REFRESH_INVALID" });
  });

  test("I20: a dump of the database mints no accepted token", async () => {
    const { issuer, options, refresh, signIn } = await open();
    const one = attempt();
    const first = await signIn({ scope: "read", device: { label: "phone" } });
    const second = await refresh(first, { attempt: one });
    const text = await dump();
    ok(text.includes(second.session_id.split(".").at(-1)), "the dump holds the session");
    for (const tokens of [first, second]) {
      for (const part of [...tokens.refresh_token.split(".").slice(4), ...tokens.access_token.split(".")]) ok(!text.includes(part), "a token's part");
    }
    ok(!text.includes(one) && !text.includes(options.secrets[0]) && !text.includes(options.signingKeys[0].d), "a secret");

    const words = new Set(text.match(/[\w-]{4,}/g));
    const parts = second.refresh_token.split(".");
    const mac = parts.pop() ?? "";
    const [header, payload, signature = ""] = second.access_token.split(".");
    const fitted = (word, length) => word.repeat(Math.ceil(length / word.length)).slice(0, length);
    const { verify } = issuer.verifier();
    let forged = 0;
    for (const word of [...words].slice(0, 500)) {
      for (const token of [[...parts, word], [...parts, fitted(word, mac.length)], [...parts.slice(0, 3), "9", ...parts.slice(4), fitted(word, mac.length)]]) {
        await refused(issuer.refresh(token.join("."), { clientId: "web", attempt: one }), { retryable: false });
        forged++;
      }
      ok(await verify([header, payload, fitted(word, signature.length)].join(".")).then(() => false, () => true), "an access token");
    }
    ok(forged >= 30, `only ${forged} tokens were forged`);
    equal((await refresh(second)).generation, 3, "and nobody was signed out by that");
  });

  test("I25: what the database is asked: a refresh one read and one write, a verification one read, garbage nothing", async () => {
    const { store, counts } = await counted();
    const { issuer, refresh, signIn } = await open({}, () => store);
    const cost = async (work) => {
      const before = await counts();
      const result = await work();
      const after = await counts();
      return [{ reads: after.reads - before.reads, writes: after.writes - before.writes }, result];
    };
    const [signing, tokens] = await cost(() => signIn());
    same(signing, { reads: 1, writes: 1 }, "a sign-in");
    const one = { attempt: attempt() };
    const [refreshing, next] = await cost(() => refresh(tokens, one));
    same(refreshing, { reads: 1, writes: 1 }, "a refresh");
    same((await cost(() => refresh(tokens, one)))[0], { reads: 1, writes: 0 }, "a repeat");
    same((await cost(() => issuer.verifier({ revocation: "session" }).verify(next.access_token)))[0], { reads: 1, writes: 0 }, "a verification");
    same((await cost(() => issuer.verifier().verify(next.access_token)))[0], { reads: 0, writes: 0 }, "one that does not ask");
    const garbage = [`${next.refresh_token.slice(0, -2)}AA`, "x", "A".repeat(100_000), next.access_token];
    const [wasted] = await cost(async () => {
      for (const token of garbage) await refused(refresh(token), { code: "ERR_REFRESH_INVALID" });
    });
    same(wasted, { reads: 0, writes: 0 }, "garbage");
  });
};
