// Lockout of those who guess: what is counted, on any store, and what happens where nobody can count.

import { equal, ok, refused, same } from "./check.mjs";
import { watched } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testLimiter = ({ test, edge, makeStore }) => {
  const open = async (more = {}) => {
    const { store, watch } = watched(await makeStore());
    // Keys are random: a store may be shared with tests that ran before.
    const key = `ada-${crypto.randomUUID()}@example.com`;
    const clock = { now: 1_800_000_000_000, pass: (seconds) => void (clock.now += seconds * 1000) };
    const options = { store, limit: 5, window: 300, lockout: 900, now: () => clock.now, ...more };
    return { ...edge.createAttemptLimiter(options), clock, key, options, watch };
  };
  const fail = async ({ take, key }, times) => {
    for (let n = 0; n < times; n++) await take(key);
  };
  const LOCKED = { code: "ERR_TOO_MANY_ATTEMPTS", retryable: true };

  test("I19: the sixth failure in the window locks out, in every isolate, until the lockout is over", async () => {
    const here = await open();
    const { clock, key, options, take } = here;
    await fail(here, 5);
    await refused(take(key), { ...LOCKED, retryAfter: 900 });
    clock.pass(600);
    const elsewhere = edge.createAttemptLimiter(options);
    await refused(elsewhere.take(key), { ...LOCKED, retryAfter: 300 });
    await elsewhere.take(`other ${key}`);
    clock.pass(300);
    await elsewhere.take(key);
  });

  test("I19: a success resets, also a lockout", async () => {
    const here = await open();
    for (let round = 0; round < 3; round++) {
      await fail(here, 5);
      await here.reset(here.key);
    }
    await fail(here, 5);
    await refused(here.take(here.key), LOCKED);
    await here.reset(here.key);
    await here.reset(here.key);
    await here.take(here.key);
  });

  test("I19: failures that are further apart than the window lock nobody out", async () => {
    const here = await open();
    for (let n = 0; n < 12; n++) {
      await here.take(here.key);
      here.clock.pass(61);
    }
  });

  test("I19: of thirty attempts at once, by two limiters, at most five are taken", async () => {
    const { key, options, take } = await open();
    const rival = edge.createAttemptLimiter(options);
    const answers = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => (n % 2 ? take : rival.take)(key)));
    const taken = answers.filter(({ status }) => status === "fulfilled").length;
    ok(taken > 0 && taken <= 5, `${taken} were taken`);
    for (const { reason } of answers) if (reason) equal(reason.code, "ERR_TOO_MANY_ATTEMPTS");
    // Those that lost every race were not counted.
    await refused(fail({ take, key }, 6), LOCKED);
  });

  test("I19: the store holds nothing of a key", async () => {
    const here = await open();
    await fail(here, 2);
    const all = JSON.stringify([...here.watch.records]);
    ok(!all.includes("ada") && !all.includes("example"), all);
  });

  test("I19: an attempt within a lockout costs a read and no write", async () => {
    const here = await open();
    await fail(here, 5);
    await refused(here.take(here.key), LOCKED);
    here.watch.reset();
    for (let n = 0; n < 10; n++) await refused(here.take(here.key), LOCKED);
    same([here.watch.reads, here.watch.writes], [10, 0]);
  });

  test("I7: where the store fails or lies, no attempt is taken", async () => {
    const { key, reset, take, watch } = await open();
    const down = { code: "ERR_STORE", retryable: true };
    for (const broken of ["get", "compareAndSet"]) {
      watch.intercept = (call, go) => (call === broken ? Promise.reject(new Error("down")) : go());
      await refused(take(key), down);
      watch.intercept = (call, go) => (call === broken ? Promise.resolve({}) : go());
      await refused(take(key), down);
    }
    watch.intercept = (call, go) => (call === "get" ? Promise.resolve({ value: "{}", version: "1" }) : go());
    await refused(take(key), down);
    watch.intercept = () => Promise.reject(new Error("down"));
    await refused(reset(key), down);
  });

  test("I17: a limiter says what is wrong with its options", async () => {
    const wrong = async (more, wanted) => refused(open(more), wanted);
    await wrong({ store: undefined }, { code: "ERR_OPTIONS", option: "store" });
    await wrong({ store: {} }, { code: "ERR_STORE_UNSUITABLE" });
    for (const option of ["limit", "window", "lockout"]) await wrong({ [option]: 0 }, { code: "ERR_OPTIONS", option });
    await wrong({ limt: 3 }, { code: "ERR_OPTIONS", option: "limt" });
  });

  test("I19: whoever forgets the key locks nobody out", async () => {
    const { take, reset } = await open();
    for (const nothing of [undefined, null, "", 7]) {
      for (const call of [take, reset]) await refused(call(nothing), { code: "ERR_OPTIONS", option: "key" });
    }
  });
};
