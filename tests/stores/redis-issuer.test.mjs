// The issuer on a real Redis, through the newest client of each family.

import { after, describe, it } from "node:test";
import * as jose from "jose";
import { Redis } from "ioredis";
import * as edge from "../../src/js/edge/node.js";
import { testCrashes } from "../suites/crashes.mjs";
import { testHardships } from "../suites/hardships.mjs";
import { testIssuer } from "../suites/issuer.mjs";
import { testOnStore } from "../suites/stores.mjs";
import { openRedis } from "./redis-database.mjs";
import { clients, startRedis } from "./redis-server.mjs";

for (const name of ["node-redis 6", "ioredis 6"]) {
  const server = await startRedis();
  const { client, close } = await (await clients[name]()).connect(server.url);
  const admin = new Redis(server.url);
  after(async () => {
    await close();
    admin.disconnect();
    await server.stop();
  });

  describe(`on Redis through ${name}`, () => {
    const database = openRedis(client, admin);
    const runtime = { test: it, edge, jose, ...database };
    testIssuer(runtime);
    testHardships(runtime);
    testCrashes(runtime);
    testOnStore(runtime);
  });
}
