// What each adapter does beyond the contract: what it refuses, and how it talks to its database.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { d1Migration, d1Store } from "../../src/js/stores/d1.js";
import { denoKvStore } from "../../src/js/stores/deno-kv.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { redisStore } from "../../src/js/stores/redis.js";
import { clients, startRedis } from "./redis-server.mjs";

const server = await startRedis();
after(() => server.stop());

const later = () => Date.now() / 1000 + 60;
const nothing = () => {};

/** As much of each database as tells it from the others. */
const given = {
  "a Workers KV namespace": { get: nothing, put: nothing, list: nothing, delete: nothing, getWithMetadata: nothing },
  "a D1 database": { prepare: nothing, batch: nothing, exec: nothing, dump: nothing, withSession: nothing },
  "a session of a D1 database": { prepare: nothing, batch: nothing, getBookmark: nothing },
  "a Durable Object namespace": { idFromName: nothing, idFromString: nothing, newUniqueId: nothing, get: nothing },
  "a Deno KV database": { get: nothing, set: nothing, atomic: nothing, list: nothing },
  "a node-redis client": { eval: nothing, evalSha: nothing },
  "an ioredis client": { eval: nothing, evalsha: nothing, defineCommand: nothing },
  "an R2 bucket": { get: nothing, put: nothing, list: nothing, createMultipartUpload: nothing },
  "a service binding or the stub of an object": new Proxy({}, { get: () => nothing }),
  "a store already": memoryStore(),
  "something else": { eval: nothing, evalsha: nothing },
  "nothing": undefined,
};
const takes = {
  d1Store: [d1Store, ["a D1 database"]],
  redisStore: [redisStore, ["a node-redis client", "an ioredis client"]],
  denoKvStore: [denoKvStore, ["a Deno KV database"]],
};

for (const [name, [adapter, wanted]] of Object.entries(takes)) {
  test(`I17: ${name} takes ${wanted.join(" and ")}, and says of anything else what it is`, () => {
    for (const [kind, binding] of Object.entries(given)) {
      if (wanted.includes(kind)) adapter(binding);
      else assert.throws(() => adapter(binding), (error) => error.name === "TokenError" && error.code === "ERR_STORE_UNSUITABLE" && error.message.startsWith(name) && error.message.includes(`this is ${kind}`), kind);
    }
    assert.throws(() => adapter(null), { code: "ERR_STORE_UNSUITABLE" });
    assert.throws(() => adapter("redis://localhost"), { code: "ERR_STORE_UNSUITABLE" });
  });
}

test("the migration is the same in the file and in the string", () => {
  assert.equal(readFileSync(new URL("../../src/js/stores/d1.sql", import.meta.url), "utf8"), d1Migration);
});

for (const [name, load] of Object.entries(clients)) {
  test(`Redis through ${name}: the scripts are sent once, and again after the server forgot them`, async () => {
    const { client, close } = await (await load()).connect(server.url);
    const store = redisStore(client);
    const key = crypto.randomUUID();
    const sent = { eval: 0, evalsha: 0 };
    for (const command of ["eval", "evalsha", "evalSha"]) {
      const call = client[command];
      if (call) client[command] = (...args) => (sent[command.toLowerCase()]++, call.apply(client, args));
    }
    const forget = () => (client.scriptFlush ? client.scriptFlush() : client.script("FLUSH"));
    const round = async (expected) => {
      const { version } = await store.compareAndSet(key, expected, "value", later());
      assert.equal((await store.get(key)).version, version);
      return version;
    };
    try {
      await forget();
      let version = await round(null);
      assert.deepEqual(sent, { eval: 2, evalsha: 2 });
      version = await round(version);
      assert.deepEqual(sent, { eval: 2, evalsha: 4 });
      await forget();
      await round(version);
      assert.deepEqual(sent, { eval: 4, evalsha: 6 });
    } finally {
      close();
    }
  });
}

test("Redis: a write that a client sends twice has happened once, and both answers say so", async () => {
  const { client, close } = await (await clients["ioredis 6"]()).connect(server.url);
  const twice = new Proxy(client, {
    get: (target, name) => {
      if (name !== "evalsha" && name !== "eval") return target[name];
      return async (...args) => (await target[name](...args), target[name](...args));
    },
  });
  const key = crypto.randomUUID();
  const first = await redisStore(twice).compareAndSet(key, null, "1", later());
  assert.equal(first.ok, true);
  const second = await redisStore(twice).compareAndSet(key, first.version, "2", later());
  assert.equal(second.ok, true);
  assert.deepEqual(await redisStore(client).get(key), { value: "2", version: second.version });
  close();
});

test("Redis: clients that give bytes, prefix keys or speak RESP3 make no difference", async () => {
  const { Redis } = await import("ioredis");
  const { createClient, RESP_TYPES } = await import("@redis/client");
  const plain = createClient({ url: server.url, RESP: 3 });
  const prefixed = new Redis(server.url, { keyPrefix: "app:", stringNumbers: true });
  await plain.connect();
  const bytes = plain.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  for (const client of [plain, bytes, prefixed]) {
    const key = crypto.randomUUID();
    const store = redisStore(client, { prefix: "mine/" });
    const { version } = await store.compareAndSet(key, null, "é😀", later());
    assert.deepEqual(await store.get(key), { value: "é😀", version });
    assert.equal(await plain.exists(`${client === prefixed ? "app:" : ""}mine/${key}`), 1);
  }
  plain.destroy();
  prefixed.disconnect();
});

test("Redis Cluster: each call names one key, so any key will do", async () => {
  const node = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
  const { Cluster, Redis } = await import("ioredis");
  const { createCluster } = await import("@redis/client");
  const admin = new Redis(node.url);
  await admin.cluster("ADDSLOTSRANGE", 0, 16383);
  while (!(await admin.cluster("INFO")).includes("cluster_state:ok")) await new Promise((resolve) => setTimeout(resolve, 50));
  const cluster = new Cluster([{ host: "127.0.0.1", port: node.port }]);
  const nodes = await createCluster({ rootNodes: [{ url: node.url }] }).connect();
  try {
    for (const client of [cluster, nodes]) {
      const store = redisStore(client);
      for (const key of ["a", "{b}c", crypto.randomUUID()].map((name) => `${name}-${client === cluster}`)) {
        const { version } = await store.compareAndSet(key, null, "1", later());
        assert.deepEqual(await store.get(key), { value: "1", version });
      }
    }
  } finally {
    cluster.disconnect();
    nodes.destroy();
    admin.disconnect();
    await node.stop();
  }
});

test("memory: what has ended is gone after a while", async () => {
  const store = memoryStore();
  await store.compareAndSet("ends", null, "1", Date.now() / 1000 + 0.05);
  await store.compareAndSet("stays", null, "1", later());
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (let n = 0; n < 1000; n++) await store.compareAndSet(`other ${n}`, null, "1", later());
  assert.equal(await store.get("ends"), null);
  assert.equal((await store.get("stays")).value, "1");
});
