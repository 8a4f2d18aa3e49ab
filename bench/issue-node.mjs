// Node for `npm run bench -- issue`: in one process with the issuer, on memory and on a Redis of its own.

import { Redis } from "ioredis";
import * as edge from "../src/js/edge/node.js";
import { memoryStore } from "../src/js/stores/memory.js";
import { redisStore } from "../src/js/stores/redis.js";
import { startRedis } from "../tests/stores/redis-server.mjs";
import { evertoken, optionsOf } from "./issue-material.mjs";

export async function node(material, sizes) {
  const servers = await Promise.all(sizes.map(() => startRedis()));
  const clients = servers.map(({ url }) => new Redis(url));
  const on = (name, sessions, store) => {
    const { signIn, refresh } = evertoken(edge.createIssuer(optionsOf(material, store)));
    return { name, sessions, begin: async () => {}, signIn: (subjects) => Promise.all(subjects.map(signIn)), refresh };
  };
  return {
    version: `Node ${process.versions.node}`,
    all: [
      ...sizes.map((sessions) => on("evertoken, memory", sessions, memoryStore())),
      ...sizes.map((sessions, at) => on("evertoken, Redis", sessions, redisStore(clients[at]))),
    ],
    stop: async () => {
      for (const client of clients) client.disconnect();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
