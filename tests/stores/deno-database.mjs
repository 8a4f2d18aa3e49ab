// What the issuer's tests need of Deno KV beside the store.

import { denoKvStore } from "../../src/js/stores/deno-kv.js";

/** @param {any} kv */
export const openDenoKv = (kv) => {
  const all = async () => {
    const entries = [];
    for await (const entry of kv.list({ prefix: [] })) entries.push(entry);
    return entries;
  };
  const asked = { reads: 0, writes: 0 };
  const counting = {
    get: (...args) => (asked.reads++, kv.get(...args)),
    atomic: () => (asked.writes++, kv.atomic()),
  };
  return {
    makeStore: () => denoKvStore(kv),
    dump: async () => (await all()).map(({ key, value }) => `${key} ${new TextDecoder().decode(value)}`).join("\n"),
    backup: async () => {
      const kept = await all();
      return async () => {
        for (const { key } of await all()) await kv.delete(key);
        for (const { key, value } of kept) await kv.set(key, value);
      };
    },
    counted: () => ({ store: denoKvStore(counting), counts: async () => ({ ...asked }) }),
  };
};
