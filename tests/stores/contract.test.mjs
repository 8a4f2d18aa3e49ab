// The contract itself: each way in which a store can be wrong is found by the test that is for it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testStore } from "../../src/js/stores/contract.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { collection, runAll } from "./collect.mjs";

const later = (milliseconds = 2) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const capabilities = { compareAndSet: true };

/** A map with everything that a store may get wrong, one thing at a time. */
const store = ({ versionOf, before, kept = (value) => value, named = (key) => key, seen = (_key, found) => found, ends, blind = false, says = capabilities }) => {
  const records = new Map();
  let writes = 0;
  versionOf ??= () => String(++writes);
  const alive = (key) => {
    const record = records.get(key);
    return record && !(ends && record.end <= Date.now() / 1000) ? record : undefined;
  };
  return {
    capabilities: says,
    get: async (key) => {
      const record = alive(named(key));
      return seen(key, record ? { value: record.value, version: record.version } : null);
    },
    compareAndSet: async (key, expected, value, end) => {
      const name = named(key);
      const found = alive(name)?.version ?? null;
      await before?.();
      if (found !== expected && !(blind && expected !== null)) return { ok: false };
      const version = versionOf(name, value, records.get(name));
      if (value === null) records.delete(name);
      else records.set(name, { value: kept(value), version, end: ends?.(end, records.get(name)) ?? end });
      return { ok: true, version };
    },
  };
};

/** Gives an answer of some milliseconds ago. */
const lagging = () => {
  const old = new Map();
  return (key, found) => {
    const before = old.has(key) ? old.get(key) : found;
    setTimeout(() => old.set(key, found), 5);
    return before;
  };
};

const perKey = () => {
  const counts = new Map();
  return (name, value) => {
    const next = (counts.get(name) ?? 0) + 1;
    if (value === null) counts.delete(name);
    else counts.set(name, next);
    return String(next);
  };
};

const wrong = {
  "says nothing of compare-and-set": ["says that it compares", { says: {} }],
  "writes over any version": ["writes only over the version", { blind: true }],
  "compares first and writes later": ["exactly one of many writers", { before: later }],
  "creates what is there": ["exactly one of many creators", { before: later }],
  "takes the value for its version": ["changes the version even where", { versionOf: (_name, value) => `of ${value}` }],
  "counts versions anew for a new record": ["never uses a version twice", { versionOf: perKey() }],
  "reads from a replica that lags": ["is linearizable", { seen: lagging() }],
  "forks under haste": ["is linearizable", { before: later }],
  "cuts long values": ["takes values as large", { kept: (value) => value.slice(0, 60_000) }],
  "composes letters": ["gives back what was written", { kept: (value) => value.normalize("NFC") }],
  "takes half a letter for another": ["half of a surrogate pair", { kept: (value) => value.toWellFormed() }],
  "does not tell capitals apart": ["keeps keys apart", { named: (key) => key.toLowerCase() }],
  "forgets what another clock has ended": ["keeps what should have ended", { ends: (end) => end }],
  "does not extend": ["keeps what was extended", { ends: (end, old) => old?.end ?? end }],
};

describe("the contract", { concurrency: true }, () => {
  const failures = async (makeStore, options) => {
    const { tests, test } = collection();
    testStore(makeStore, { test, ...options });
    const failed = [];
    await runAll(tests, (name, { passed }) => passed || failed.push(name), tests.size);
    return failed;
  };

  for (const [how, [name, fault]] of Object.entries(wrong)) {
    it(`finds a store that ${how}`, async () => {
      const failed = await failures(() => store(fault), {});
      assert.ok(failed.some((one) => one.includes(name)), `failed: ${failed.join("; ") || "nothing"}`);
    });
  }

  it("finds a store that hides errors, and one that keeps what it should refuse or forget", async () => {
    const silent = { capabilities, get: async () => null, compareAndSet: async () => ({ ok: false }) };
    const failed = await failures(memoryStore, { broken: () => silent, another: memoryStore, tooLarge: 1000, forgets: 1 });
    assert.deepEqual(failed.map((name) => name.slice(7)).sort(), [
      "forgets what has ended",
      "is one database however many look at it",
      "refuses a larger one before anything is lost",
      "rejects while its database cannot be reached",
    ]);
  });

  it("finds nothing wrong with a store that is right", async () => {
    const right = memoryStore();
    const down = { capabilities, get: () => Promise.reject(new Error("down")), compareAndSet: () => Promise.reject(new Error("down")) };
    assert.deepEqual(await failures(() => right, { broken: () => down, another: () => right }), []);
  });
});
