// A refresh that is cut off at any of its steps: what had been answered is answered again, nobody is signed out.

import { equal, ok, same } from "./check.mjs";
import { attempt, form, grantOf, terms, world } from "./world.mjs";

/** Lets the k-th call fail, before the database was asked or after it had answered. */
const failing = (k, when) => {
  let calls = 0;
  return async (_name, go) => {
    if (++calls !== k) return go();
    if (when === "after") await go();
    throw new Error(`the connection is gone ${when} call ${k}`);
  };
};

/** Lets somebody else be faster, once, between the read and the write of whoever is watched. */
const overtaken = (rival, then) => {
  let raced = false;
  return async (name, go) => {
    if (name === "compareAndSet" && !raced) {
      raced = true;
      await rival();
    }
    return then(name, go);
  };
};

/** Signed by WebCrypto in every runtime, so that a test can stand in its way. */
export const HOSTS = "ES384";

/** What a refresh may meet; each gives how it is asked, who else writes meanwhile, and how often the store is called. */
const situations = {
  "a refresh": { calls: 2, ask: () => ({ attempt: attempt() }) },
  "a refresh without attempt": { calls: 2, ask: () => ({}) },
  "a repeat": {
    calls: 1,
    ask: () => ({ attempt: attempt() }),
    before: ({ refresh }, tokens, asked) => refresh(tokens, asked),
  },
  "a refresh that another tab overtakes": {
    calls: 3,
    ask: () => ({ attempt: attempt() }),
    rival: ({ quiet }, tokens, asked) => quiet.refresh(tokens.refresh_token, { clientId: "web", ...asked }),
  },
  "a refresh that another device overtakes": {
    calls: 4,
    ask: () => ({ attempt: attempt() }),
    rival: ({ quiet, subject }) => quiet.issue({ subject, clientId: "phone" }),
  },
};

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testCrashes = ({ test, edge, makeStore }) => {
  /** `quiet` is a second server over the same store, which nobody disturbs. */
  const open = async (options) => {
    const store = await makeStore();
    const here = await world({ edge, makeStore: () => store }, options);
    return { ...here, store, quiet: edge.createIssuer({ ...here.options, store }) };
  };

  for (const [name, { calls, ask, before, rival }] of Object.entries(situations)) {
    test(`I6: ${name}, cut off at each of its ${calls} store calls`, async () => {
      for (let k = 1; k <= calls; k++) {
        for (const when of ["before", "after"]) {
          const here = await open();
          const tokens = await here.signIn();
          const other = await here.signIn({ clientId: "tablet" });
          const asked = ask();
          await before?.(here, tokens, asked);
          const cut = failing(k, when);
          here.watch.intercept = rival ? overtaken(() => rival(here, tokens, asked), cut) : cut;
          const response = await here.issuer.handle(form(grantOf(tokens, asked)));
          same([response.status, (await response.json()).error], [503, "temporarily_unavailable"], `${when} call ${k}`);
          here.watch.intercept = undefined;
          await recovers(here, tokens, other, asked);
        }
      }
    });
  }

  test("I6: a refresh, cut off at every other step of its way", async () => {
    const steps = { claims: 0, sign: 0 };
    const sign = crypto.subtle.sign;
    for (const step of Object.keys(steps)) {
      let broken = false;
      const fail = (name) => {
        if (!broken || name !== step) return;
        steps[name]++;
        throw new Error(`gone at ${name}`);
      };
      const here = await open({ claims: async () => (fail("claims"), {}), signingKeys: [await edge.generateKey(HOSTS)] });
      const tokens = await here.signIn();
      const other = await here.signIn({ clientId: "tablet" });
      const asked = { attempt: attempt() };
      broken = true;
      crypto.subtle.sign = async (...args) => (fail("sign"), sign.apply(crypto.subtle, args));
      try {
        ok(await here.refresh(tokens, asked).then(() => false, () => true), step);
      } finally {
        crypto.subtle.sign = sign;
        broken = false;
      }
      await recovers(here, tokens, other, asked);
    }
    same(steps, { claims: 1, sign: 1 });
  });
};

/** After the crash: the retry is answered as the first would have been, the chain goes on, no other is touched. */
export const recovers = async ({ refresh, issuer, kinds, store, watch, clock }, tokens, other, asked) => {
  const [[key] = []] = watch.records;
  const committed = await store.get(key);
  const answer = await refresh(tokens, asked);
  equal(answer.generation, 2, "generation");
  const after = await store.get(key);
  const again = await refresh(tokens, asked);
  same(terms(again), terms(answer), "a second retry");
  // What was committed is what is answered: nothing is minted beside it.
  const rotated = !committed.value.includes(jtiOf(tokens));
  if (rotated) ok(committed.value.includes(jtiOf(answer)), "the access token that was committed");
  if (asked.attempt) {
    if (rotated) equal(after.version, committed.version, "nothing is written once more");
    equal((await store.get(key)).version, after.version, "a repeat writes nothing");
    clock.pass(86_400);
    same(terms(await refresh(tokens, asked)), terms(answer), "a day later");
  }
  const next = await refresh(answer, { attempt: attempt() });
  equal(next.generation, 3, "the chain goes on");
  equal((await issuer.refresh(other.refresh_token, { clientId: "tablet" })).generation, 2, "the other device");
  await issuer.verifier({ revocation: "session" }).verify(next.access_token);
  same(kinds().filter((kind) => !["issued", "refreshed", "replayed", "grace"].includes(kind)), [], "no alarm");
};

const jtiOf = (tokens) => terms(tokens).claims.jti;
