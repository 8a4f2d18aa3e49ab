// Node for `npm run bench -- issue`: in one process with the issuer, on memory and on a Redis of its own.

import { Redis } from "ioredis";
import * as edge from "../src/js/edge/node.js";
import { memoryStore } from "../src/js/stores/memory.js";
import { redisStore } from "../src/js/stores/redis.js";
import { startRedis } from "../tests/stores/redis-server.mjs";
import { evertoken, optionsOf } from "./issue-material.mjs";

export async function node(material) {
  const server = await startRedis();
  const client = new Redis(server.url);
  const on = (name, store) => {
    const { signIn, refresh } = evertoken(edge.createIssuer(optionsOf(material, store)));
    return { name, begin: async () => {}, signIn: (subjects) => Promise.all(subjects.map(signIn)), refresh };
  };
  return {
    version: `Node ${process.versions.node}`,
    all: [on("evertoken, memory", memoryStore()), on("evertoken, Redis", redisStore(client))],
    stop: async () => {
      client.disconnect();
      await server.stop();
    },
  };
}
