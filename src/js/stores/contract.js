// JS because it runs under whatever test runner the store's author has.

/**
 * Tests a store against what the issuer relies on. Run it with your own runner:
 * `testStore(() => myStore(), { test })`, where `test(name, run)` is node:test's, vitest's, Deno's …
 * The keys it writes are random, so a store that others use too is safe.
 * @param {() => any} makeStore  called once per test
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown }} runner
 */
export const testStore = (makeStore, { test }) => {
  for (const [name, run] of Object.entries(cases)) {
    test(`store: ${name}`, async () => {
      await run(await makeStore(), `contract-${crypto.randomUUID()}`);
    });
  }
};

const later = () => Math.floor(Date.now() / 1000) + 3600;

/** @type {Record<string, (store: any, key: string) => Promise<void>>} */
const cases = {
  "says that it compares and sets": async (store) => {
    same(store.capabilities?.compareAndSet, true, "capabilities.compareAndSet");
  },

  "knows nothing of a key that was never written": async (store, key) => {
    same(await store.get(key), null, "get");
  },

  "gives back what was written, whatever it is": async (store, key) => {
    for (const value of ["{}", "", 'é😀"\\\n\u0000', "x".repeat(60 * 1024)]) {
      const found = await store.get(key);
      const written = await store.compareAndSet(key, found?.version ?? null, value, later());
      same(written.ok, true, "compareAndSet");
      const again = await store.get(key);
      same(again?.value, value, "the value");
      same(again?.version, written.version, "the version");
    }
  },

  "creates only what is not there": async (store, key) => {
    same((await store.compareAndSet(key, null, "1", later())).ok, true, "the first");
    same((await store.compareAndSet(key, null, "2", later())).ok, false, "the second");
    same((await store.get(key)).value, "1", "the value");
  },

  "writes only over the version that was named": async (store, key) => {
    same((await store.compareAndSet(key, "no-such-version", "0", later())).ok, false, "nothing there");
    const first = await store.compareAndSet(key, null, "1", later());
    const second = await store.compareAndSet(key, first.version, "2", later());
    same(second.ok, true, "the right version");
    same(second.version !== first.version, true, "a write changes the version");
    same((await store.compareAndSet(key, first.version, "3", later())).ok, false, "an old version");
    same((await store.get(key)).value, "2", "the value");
  },

  "changes the version even where the value stays": async (store, key) => {
    const first = await store.compareAndSet(key, null, "same", later());
    const second = await store.compareAndSet(key, first.version, "same", later());
    same(second.version !== first.version, true, "the version");
  },

  "deletes only the version that was named": async (store, key) => {
    const first = await store.compareAndSet(key, null, "1", later());
    same((await store.compareAndSet(key, "no-such-version", null, later())).ok, false, "another version");
    same((await store.compareAndSet(key, first.version, null, later())).ok, true, "the right version");
    same(await store.get(key), null, "get");
    const again = await store.compareAndSet(key, null, "2", later());
    same(again.ok, true, "made anew");
    same(again.version !== first.version, true, "a version is never used twice");
  },

  "lets exactly one of many writers win": async (store, key) => {
    const first = await store.compareAndSet(key, null, "0", later());
    const racers = Array.from({ length: 20 }, (_, n) => store.compareAndSet(key, first.version, `racer ${n}`, later()));
    const won = (await Promise.all(racers)).map(({ ok }, n) => (ok ? `racer ${n}` : "")).filter(Boolean);
    same(won.length, 1, "winners");
    same((await store.get(key)).value, won[0], "the value");
  },

  "lets exactly one of many creators win": async (store, key) => {
    const racers = Array.from({ length: 20 }, (_, n) => store.compareAndSet(key, null, `racer ${n}`, later()));
    same((await Promise.all(racers)).filter(({ ok }) => ok).length, 1, "winners");
  },

  "loses no update when writers retry": async (store, key) => {
    const add = async () => {
      for (;;) {
        const found = await store.get(key);
        const next = String(Number(found?.value ?? 0) + 1);
        if ((await store.compareAndSet(key, found?.version ?? null, next, later())).ok) return;
      }
    };
    await Promise.all(Array.from({ length: 10 }, add));
    same((await store.get(key)).value, "10", "the sum");
  },

  "keeps keys apart": async (store, key) => {
    await store.compareAndSet(key, null, "1", later());
    same(await store.get(`${key}-other`), null, "another key");
    same((await store.compareAndSet(`${key}-other`, null, "2", later())).ok, true, "another key's first write");
    same((await store.get(key)).value, "1", "the value");
  },
};

/** @param {unknown} found @param {unknown} wanted @param {string} what */
const same = (found, wanted, what) => {
  if (!Object.is(found, wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`);
  }
};
