// What the issuer's tests need of Redis beside the store: a dump, a backup, and what the server was asked.

import { redisStore } from "../../src/js/stores/redis.js";

/**
 * @param {any} client  what the store is on
 * @param {any} admin  an ioredis client of the same server
 */
export const openRedis = (client, admin) => {
  const keys = () => admin.keys("evertoken:*");
  return {
    makeStore: () => redisStore(client),
    dump: async () => JSON.stringify(await Promise.all((await keys()).map(async (key) => [key, await admin.get(key)]))),
    backup: async () => {
      const kept = await Promise.all((await keys()).map(async (key) => [key, await admin.dumpBuffer(key), await admin.pexpiretime(key)]));
      return async () => {
        await admin.flushdb();
        for (const [key, dump, end] of kept) await admin.restore(key, end, dump, "REPLACE", "ABSTTL");
      };
    },
    // By the server's own count: each call of a script is one request of ours.
    counted: () => ({
      store: redisStore(client),
      counts: async () => {
        const info = await admin.info("commandstats");
        const calls = (name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
        return { reads: calls("evalsha") - calls("set"), writes: calls("set") };
      },
    }),
  };
};
