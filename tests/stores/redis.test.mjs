// The store contract on a real Redis, through every client that the adapter is for.

import { after, describe, it } from "node:test";
import { testStore } from "../../src/js/stores/contract.js";
import { redisStore } from "../../src/js/stores/redis.js";
import { clients, startRedis } from "./redis-server.mjs";

const server = await startRedis();
const open = [];
after(async () => {
  for (const close of open) await close();
  await server.stop();
});

const families = await Promise.all(Object.entries(clients).map(async ([name, load]) => ({ name, ...(await load()) })));

// Side by side: most of the time is spent on waiting for ends.
describe("through every client", { concurrency: true }, () => {
  for (const { name, connect, unreachable } of families) {
    const makeStore = async () => {
      const { client, close } = await connect(server.url);
      open.push(close);
      return redisStore(client);
    };
    describe(name, { concurrency: 8 }, () => {
      testStore(makeStore, { test: it, another: makeStore, broken: () => redisStore(unreachable()), largest: 4 * 1024 * 1024, forgets: 2 });
    });
  }
});
