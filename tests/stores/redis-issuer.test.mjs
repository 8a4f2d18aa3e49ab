// The issuer on a real Redis, through the newest client of each family.

import { after, describe, it } from "node:test";
import * as jose from "jose";
import { Redis } from "ioredis";
import * as edge from "../../src/js/edge/node.js";
import { testCrashes } from "../suites/crashes.mjs";
import { testIssuing } from "../suites/issuing.mjs";
import { testKills } from "../suites/kills.mjs";
import { testOnStore } from "../suites/stores.mjs";
import { openRedis } from "./redis-database.mjs";
import { clients, startRedis } from "./redis-server.mjs";

const servers = await Promise.all(
  ["node-redis 6", "ioredis 6"].map(async (name) => {
    const server = await startRedis();
    const { client, close } = await (await clients[name]()).connect(server.url);
    return { name, server, client, close, admin: new Redis(server.url) };
  }),
);
after(async () => {
  for (const { server, close, admin } of servers) {
    await close();
    admin.disconnect();
    await server.stop();
  }
});

for (const { name, server, client, admin } of servers) {
  describe(`on Redis through ${name}`, () => {
    const runtime = { test: it, edge, jose, ...openRedis(client, admin) };
    testCrashes(runtime);
    testOnStore(runtime);
    // What does not depend on the client is asked once.
    if (name.startsWith("ioredis")) {
      testIssuing(runtime);
      testKills({ ...runtime, program: [process.execPath], platform: new URL("victim-node.mjs", import.meta.url).href, database: server.url });
    }
  });
}
