// JS because it runs under whatever test runner the store's author has.

import { checkHistory, recorded } from "./history.js";

/**
 * Tests a store against what the issuer relies on. Run it with your own runner:
 * `testStore(() => myStore(), { test })`, where `test(name, run)` is node:test's, vitest's, Deno's …
 * The keys it writes are random, so a store that others use too is safe.
 * @param {() => any} makeStore  called once per test
 * @param {object} options
 * @param {(name: string, run: () => Promise<void>) => unknown} options.test
 * @param {() => any} [options.another]  another instance over the same database, as another server has it
 * @param {() => any} [options.broken]  one whose database cannot be reached
 * @param {number} [options.largest]  bytes of UTF-8 that it takes for a value; 60 KiB, which the issuer needs
 * @param {number} [options.tooLarge]  bytes that it refuses
 * @param {number} [options.forgets]  seconds after its end within which a record is gone, where it is deleted so soon
 */
export const testStore = (makeStore, { test, another, broken, largest = 60 * 1024, tooLarge, forgets }) => {
  const add = (/** @type {string} */ name, /** @type {(store: any, key: string) => Promise<void>} */ run) =>
    test(`store: ${name}`, async () => run(await makeStore(), `contract-${crypto.randomUUID()}`));

  for (const [name, run] of Object.entries({ ...cases, ...races, ...ends })) add(name, run);
  add("takes values as large as it says", (store, key) => takes(store, key, largest));
  if (tooLarge) add("refuses a larger one before anything is lost", (store, key) => refuses(store, key, tooLarge));
  if (forgets) add("forgets what has ended", (store, key) => forgotten(store, key, forgets));
  if (another) add("is one database however many look at it", async (store, key) => shared(store, await another(), key));
  if (broken) add("rejects while its database cannot be reached", async (_store, key) => fails(await broken(), key));
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
    const texts = ["{}", "", "0", "null", 'é😀"\\\n\r\t\u0001\u007f', "no \ufeffmark", "e\u0301 \u00e9", "\u202eright to left", "\uffff", " "];
    for (const value of texts) {
      const found = await store.get(key);
      const written = await store.compareAndSet(key, found?.version ?? null, value, later());
      same(written.ok, true, "compareAndSet");
      const again = await store.get(key);
      same(again?.value, value, "the value");
      same(again?.version, written.version, "the version");
    }
  },

  // Databases of UTF-8 cannot hold the former, Postgres not the latter; the issuer writes neither.
  "gives back half of a surrogate pair and the letter zero, or refuses them, and changes nothing": async (store, key) => {
    for (const value of ["\ud83d", "a\ude00b", "a\u0000b"]) {
      const found = await store.get(key);
      const taken = await rejects(store.compareAndSet(key, found?.version ?? null, value, later()));
      same((await store.get(key))?.value, taken ? found?.value : value, "the value");
    }
    for (const [end, other] of [["\ud800", "\ud801"], ["\u0000", ""], ["\u0000a", "\u0000b"]]) {
      if (await rejects(store.compareAndSet(`${key}-${end}`, null, "1", later()))) continue;
      same((await store.get(`${key}-${other}`))?.value === undefined, true, "another key has nothing");
    }
  },

  "keeps keys apart, however odd": async (store, key) => {
    const odd = ["", ":", "/", "/..", " ", "%00", "_", "*", "?", "{a}", "'", '"', "\\", "\n", "\u0001", "é", "e\u0301", "😀", "x", "X", "k".repeat(200)];
    const names = odd.map((end) => key + end);
    for (const name of names) same((await store.compareAndSet(name, null, name, later())).ok, true, JSON.stringify(name));
    for (const name of names) same((await store.get(name))?.value, name, "the value");
  },

  "creates only what is not there": async (store, key) => {
    same((await store.compareAndSet(key, null, "1", later())).ok, true, "the first");
    same((await store.compareAndSet(key, null, "2", later())).ok, false, "the second");
    same((await store.get(key)).value, "1", "the value");
  },

  "writes only over the version that was named": async (store, key) => {
    for (const wrong of ["no-such-version", "", "0"]) {
      same((await store.compareAndSet(key, wrong, "0", later())).ok, false, "nothing there");
    }
    const first = await store.compareAndSet(key, null, "1", later());
    const second = await store.compareAndSet(key, first.version, "2", later());
    same(second.ok, true, "the right version");
    same(second.version !== first.version, true, "a write changes the version");
    for (const wrong of [first.version, `${second.version} `, ""]) {
      same((await store.compareAndSet(key, wrong, "3", later())).ok, false, "another version");
    }
    same((await store.get(key)).value, "2", "the value");
  },

  "changes the version even where the value stays": async (store, key) => {
    const first = await store.compareAndSet(key, null, "same", later());
    const second = await store.compareAndSet(key, first.version, "same", later());
    same(second.version !== first.version, true, "the version");
  },

  "deletes only the version that was named": async (store, key) => {
    same((await store.compareAndSet(key, null, null, later())).ok, true, "nothing, where there is nothing");
    const first = await store.compareAndSet(key, null, "1", later());
    same((await store.compareAndSet(key, null, null, later())).ok, false, "nothing, where there is something");
    same((await store.compareAndSet(key, "no-such-version", null, later())).ok, false, "another version");
    same((await store.compareAndSet(key, first.version, null, later())).ok, true, "the right version");
    same(await store.get(key), null, "get");
    same((await store.compareAndSet(key, first.version, "2", later())).ok, false, "what is gone");
  },

  "never uses a version twice": async (store, key) => {
    const versions = [];
    for (let round = 0; round < 10; round++) {
      const { version } = await store.compareAndSet(key, null, "same", later());
      for (const old of versions) same((await store.compareAndSet(key, old, "late", later())).ok, false, "a version of before");
      versions.push(version);
      same((await store.compareAndSet(key, version, null, later())).ok, true, "deleted");
    }
    same(new Set(versions).size, versions.length, "different versions");
  },
};

/** @type {typeof cases} */
const races = {
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

  "lets either a deletion or a write win": async (store, key) => {
    for (let round = 0; round < 5; round++) {
      const { version } = await store.compareAndSet(key, null, "0", later());
      const racers = [null, "1", null, "2"].map((value) => store.compareAndSet(key, version, value, later()));
      same((await Promise.all(racers)).filter(({ ok }) => ok).length, 1, "winners");
      const left = await store.get(key);
      if (left) await store.compareAndSet(key, left.version, null, later());
    }
  },

  "loses no update when writers retry": async (store, key) => {
    await Promise.all(Array.from({ length: 10 }, () => increment(store, key)));
    same((await store.get(key)).value, "10", "the sum");
  },

  "is linearizable: each read sees what had been written, and no write forks": async (store, key) => {
    const { watched, history } = recorded(store);
    const worker = async (/** @type {number} */ n) => {
      for (let step = 0; step < 8; step++) {
        const found = await watched.get(key);
        await watched.compareAndSet(key, found?.version ?? null, `${n}.${step}`, later());
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)));
    await watched.get(key);
    checkHistory(history);
  },

  "keeps many records at once": async (store, key) => {
    const names = Array.from({ length: 100 }, (_, n) => `${key}-${n}`);
    await Promise.all(names.map((name) => increment(store, name)));
    const values = await Promise.all(names.map(async (name) => (await store.get(name)).value));
    same(values.join(""), "1".repeat(100), "the values");
  },
};

/** @type {typeof cases} */
const ends = {
  "keeps what should have ended already: that is another clock's end": async (store, key) => {
    const now = Math.floor(Date.now() / 1000);
    let version = null;
    for (const end of [now - 1, now - 31, 0]) {
      ({ version } = await store.compareAndSet(key, version, String(end), end));
      same((await store.get(key))?.value, String(end), "the value");
      same((await store.get(key))?.version, version, "the version");
    }
  },

  "keeps what was extended beyond its first end": async (store, key) => {
    const { version } = await store.compareAndSet(key, null, "1", Math.floor(Date.now() / 1000) + 2);
    const second = await store.compareAndSet(key, version, "2", later());
    await pause(3500);
    same((await store.get(key))?.value, "2", "the value");
    same((await store.compareAndSet(key, second.version, "3", later())).ok, true, "the next write");
  },

  "takes an end a century away": async (store, key) => {
    const { version } = await store.compareAndSet(key, null, "1", later() + 3_155_760_000);
    same((await store.get(key))?.version, version, "the version");
  },

  "agrees with itself on what has ended": async (store, key) => {
    const { version } = await store.compareAndSet(key, null, "1", Math.floor(Date.now() / 1000) + 1);
    await pause(2500);
    const found = await store.get(key);
    if (found) same(found.version, version, "the version");
    // It may go between the two, so a refusal is asked again.
    const write = async () => (await store.compareAndSet(key, (await store.get(key))?.version ?? null, "2", later())).ok;
    same((await write()) || (await write()), true, "a write over what was read");
    same((await store.get(key)).value, "2", "the value");
  },
};

/** @param {any} store @param {string} key */
const increment = async (store, key) => {
  for (;;) {
    const found = await store.get(key);
    const next = String(Number(found?.value ?? 0) + 1);
    if ((await store.compareAndSet(key, found?.version ?? null, next, later())).ok) return;
  }
};

/** @param {any} store @param {string} key @param {number} bytes */
const takes = async (store, key, bytes) => {
  let version = null;
  for (const value of ["x".repeat(bytes), `${"x".repeat(bytes - 3)}€`, "€".repeat(Math.floor(bytes / 3)), "😀".repeat(bytes / 4)]) {
    ({ version } = await store.compareAndSet(key, version, value, later()));
    const found = await store.get(key);
    same(found?.version, version, "the version");
    same(found?.value === value, true, "the whole value");
  }
};

/** @param {any} store @param {string} key @param {number} bytes */
const refuses = async (store, key, bytes) => {
  same(await rejects(store.compareAndSet(key, null, "x".repeat(bytes), later())), true, "creating it is refused");
  same(await store.get(key), null, "get");
  const { version } = await store.compareAndSet(key, null, "1", later());
  same(await rejects(store.compareAndSet(key, version, "x".repeat(bytes), later())), true, "writing it is refused");
  same((await store.get(key))?.version, version, "the version");
};

/** @param {any} store @param {string} key @param {number} seconds */
const forgotten = async (store, key, seconds) => {
  const end = Date.now() / 1000 + 1;
  same((await store.compareAndSet(key, null, "1", end)).ok, true, "written");
  for (const last = Date.now() + (seconds + 1) * 1000; Date.now() < last; await pause(200)) {
    if ((await store.get(key)) === null) return;
  }
  throw new Error(`the record is there ${seconds} s after its end`);
};

/** @param {any} one @param {any} other @param {string} key */
const shared = async (one, other, key) => {
  let version = null;
  for (let turn = 0; turn < 20; turn++) {
    const [writer, reader] = turn % 2 ? [one, other] : [other, one];
    ({ version } = await writer.compareAndSet(key, version, String(turn), later()));
    const found = await reader.get(key);
    same(found?.value, String(turn), "what the other reads at once");
    same(found?.version, version, "its version");
  }
  const racers = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).compareAndSet(key, version, `racer ${n}`, later()));
  same((await Promise.all(racers)).filter(({ ok }) => ok).length, 1, "winners");
};

/** @param {any} store @param {string} key */
const fails = async (store, key) => {
  same(await rejects(store.get(key)), true, "get rejects");
  for (const value of ["1", null]) same(await rejects(store.compareAndSet(key, null, value, later())), true, "compareAndSet rejects");
};

/** @param {Promise<unknown>} promise */
const rejects = (promise) => promise.then(() => false, () => true);

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @param {unknown} found @param {unknown} wanted @param {string} what */
const same = (found, wanted, what) => {
  if (!Object.is(found, wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`);
  }
};
