// The worker under test: Durable Objects and D1, each with the contract, the issuer, and what only it can show.

import * as jose from "jose";
import * as edge from "../../../src/js/edge/workerd.js";
import { testStore } from "../../../src/js/stores/contract.js";
import { d1Migration, d1Store } from "../../../src/js/stores/d1.js";
import { durableObjectStore } from "../../../src/js/stores/durable-object.js";
import { testCrashes } from "../../suites/crashes.mjs";
import { testIssuing } from "../../suites/issuing.mjs";
import { testOnStore } from "../../suites/stores.mjs";
import { collection, outcome } from "../collect.mjs";
import { testBindings } from "./bindings.mjs";
import { openD1, openObjects, OpenStore } from "./databases.mjs";

export { OpenStore };

const down = () => {
  throw new Error("the database is down");
};

/** What may run side by side. */
const contracts = (env) => {
  const { tests, test } = collection();
  const named = (store) => (name, run) => test(`${store}: ${name}`, run);

  const objects = () => durableObjectStore(env.ACCOUNTS);
  const noObjects = { idFromName: () => "id", get: () => ({ read: async () => down(), compareAndSet: async () => down() }) };
  testStore(objects, { test: named("Durable Objects"), another: objects, broken: () => durableObjectStore(noObjects), largest: 1_000_000, tooLarge: 2_500_000, forgets: 30 });

  const d1 = () => d1Store(env.DB);
  testStore(d1, { test: named("D1"), another: d1, broken: () => d1Store(env.EMPTY), largest: 1_900_000 });

  testBindings(env, test);
  test("D1: a database without its table says what to do", async () => {
    const error = await d1Store(env.EMPTY).get("any").catch((error) => error);
    if (!/apply the migration/.test(error.message)) throw error;
  });
  test("D1: the migration may be applied in code, also to a table that is there", async () => {
    await env.DB.exec(d1Migration);
  });
  return tests;
};

/** What runs alone: some of it changes the clock of the whole isolate. */
const issuers = (env, rounds) => {
  const { tests, test } = collection();
  for (const [store, database] of [["Durable Objects", openObjects(env.ACCOUNTS)], ["D1", openD1(env.DB)]]) {
    const runtime = { test: (name, run) => test(`${store}: ${name}`, run), edge, jose, rounds, ...database };
    // tests/workerd runs these on Durable Objects.
    if (store === "D1") testIssuing(runtime);
    testCrashes(runtime);
    testOnStore(runtime);
  }
  test("Durable Objects: an object deletes all that it holds once its record has ended, and not before", async () => {
    const store = durableObjectStore(env.ACCOUNTS);
    const [short, long] = [`ends-${crypto.randomUUID()}`, `stays-${crypto.randomUUID()}`];
    const now = Date.now() / 1000;
    await store.compareAndSet(short, null, "1", now + 1);
    const { version } = await store.compareAndSet(long, null, "1", now + 1);
    await store.compareAndSet(long, version, "2", now + 3600);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const held = (name) => env.ACCOUNTS.get(env.ACCOUNTS.idFromName(name)).dump();
    const [nothing, record] = [await held(short), await held(long)];
    if (nothing.length !== 0 || record.length !== 1) throw new Error(`held: ${JSON.stringify([nothing, record])}`);
  });
  test("D1: each record that is made takes two with it that have ended", async () => {
    const store = d1Store(env.DB);
    const count = async () => (await env.DB.prepare("SELECT count(*) AS n FROM evertoken_records WHERE key LIKE 'ended-%'").first()).n;
    const now = Date.now() / 1000;
    for (let n = 0; n < 4; n++) await store.compareAndSet(`ended-${n}`, null, "1", now + 0.5);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const left = [];
    for (let n = 0; n < 3; n++) {
      await store.compareAndSet(`new-${crypto.randomUUID()}`, null, "1", now + 3600);
      left.push(await count());
    }
    if (left.join() !== "2,0,0") throw new Error(`left: ${left}`);
  });
  return tests;
};

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const [name, rounds] = [searchParams.get("test"), Number(searchParams.get("rounds") ?? 3)];
    const groups = [contracts(env), issuers(env, rounds)];
    if (name === null) return Response.json(groups.map((tests) => [...tests.keys()]));
    return Response.json(await outcome(groups.map((tests) => tests.get(name)).find(Boolean)));
  },
};
