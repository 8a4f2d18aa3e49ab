// One memory store under watch, as the other databases are.

import { memoryStore } from "../../src/js/stores/memory.js";

export const openMemory = () => {
  const store = memoryStore();
  const held = new Map();
  const asked = { reads: 0, writes: 0 };
  const watched = {
    capabilities: store.capabilities,
    get: (key) => (asked.reads++, store.get(key)),
    compareAndSet: async (key, expected, value, end) => {
      asked.writes++;
      const answer = await store.compareAndSet(key, expected, value, end);
      if (answer.ok) held.set(key, { value, end });
      return answer;
    },
  };
  return {
    makeStore: () => watched,
    dump: async () => JSON.stringify([...held]),
    backup: async () => {
      const kept = new Map(held);
      return async () => {
        for (const [key, { value, end }] of kept) await store.compareAndSet(key, (await store.get(key))?.version ?? null, value, end);
      };
    },
    counted: () => ({ store: watched, counts: async () => ({ ...asked }) }),
  };
};
