// The races in full: fifty times a hundred refreshes at once, on every store.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import * as edge from "../../../src/js/edge/node.js";
import { testOnStore } from "../../suites/stores.mjs";
import { runInDeno } from "../deno-program.mjs";
import { openMemory } from "../memory-database.mjs";
import { openRedis } from "../redis-database.mjs";
import { clients, startRedis } from "../redis-server.mjs";
import { openD1Table, startWorker } from "../workerd-server.mjs";

const ROUNDS = 50;
const isRace = (name) => /\bI3\d?:/.test(name);
const races = (database) => testOnStore({ test: (name, run) => isRace(name) && it(name, run), edge, rounds: ROUNDS, ...database });

const server = await startRedis();
const { client, close } = await (await clients["node-redis 6"]()).connect(server.url);
const admin = new Redis(server.url);
const worker = await startWorker();
await openD1Table(worker);
const folder = mkdtempSync(join(tmpdir(), "evertoken-deno-"));
after(async () => {
  await Promise.all([close(), worker.stop()]);
  admin.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("on memory", () => races(openMemory()));
describe("on Redis through node-redis", () => races(openRedis(client, admin)));
describe("on Redis through ioredis", () => races(openRedis(admin, admin)));

const rounds = String(ROUNDS);
const [, issuers] = await worker.ask({ rounds });
describe("in workerd", () => {
  for (const name of issuers.filter(isRace)) {
    it(name, async () => {
      const { passed, error } = await worker.ask({ test: name, rounds });
      assert.ok(passed, error);
    });
  }
});

const deno = await runInDeno(fileURLToPath(new URL("../deno.mjs", import.meta.url)), [join(folder, "kv"), import.meta.resolve("jose"), String(ROUNDS)]);
describe("on Deno KV", () => deno.forEach(({ name, passed, error }) => it(name, () => assert.ok(passed, error))));
