// The worker under test: Durable Objects and D1, each with the contract and what only it can show.

import { testStore } from "../../../src/js/stores/contract.js";
import { d1Migration, d1Store } from "../../../src/js/stores/d1.js";
import { durableObjectStore, EvertokenStore } from "../../../src/js/stores/durable-object.js";
import { denoKvStore } from "../../../src/js/stores/deno-kv.js";
import { redisStore } from "../../../src/js/stores/redis.js";
import * as edge from "../../../src/js/edge/workerd.js";
import { refused } from "../../suites/check.mjs";
import { collection, outcome } from "../collect.mjs";

export { EvertokenStore };

const down = () => {
  throw new Error("the database is down");
};

/** @param {any} env */
const all = (env) => {
  const { tests, test } = collection();
  const named = (store) => (name, run) => test(`${store}: ${name}`, run);

  const objects = () => durableObjectStore(env.ACCOUNTS);
  const noObjects = { idFromName: () => "id", get: () => ({ read: async () => down(), compareAndSet: async () => down() }) };
  testStore(objects, { test: named("Durable Objects"), another: objects, broken: () => durableObjectStore(noObjects), largest: 1_000_000, tooLarge: 2_500_000, forgets: 5 });

  const d1 = () => d1Store(env.DB);
  testStore(d1, { test: named("D1"), another: d1, broken: () => d1Store(env.EMPTY), largest: 1_900_000 });

  testBindings(env, test);
  return tests;
};

/** What Cloudflare's own bindings are taken for. */
const testBindings = (env, test) => {
  const bindings = {
    "a Workers KV namespace": env.KV,
    "a D1 database": env.DB,
    "a session of a D1 database": env.DB.withSession("first-unconstrained"),
    "a Durable Object namespace": env.ACCOUNTS,
    "a service binding or the stub of an object": env.ACCOUNTS.get(env.ACCOUNTS.idFromName("any")),
    "an R2 bucket": env.BUCKET,
    "nothing": env.NONE,
  };
  for (const [kind, binding] of Object.entries(bindings)) {
    for (const [adapter, wanted] of [[d1Store, "a D1 database"], [durableObjectStore, "a Durable Object namespace"], [redisStore], [denoKvStore]]) {
      if (kind === wanted) continue;
      test(`I17: ${kind} is no database for ${adapter.name}`, async () => {
        const { message } = await refused(Promise.resolve().then(() => adapter(binding)), { code: "ERR_STORE_UNSUITABLE", retryable: false });
        if (!message.includes(`this is ${kind}`)) throw new Error(message);
      });
    }
    if (!binding) continue;
    test(`I17: ${kind} is no store`, async () => {
      const options = { issuer: "https://a.example", audience: "b", signingKeys: [await edge.generateKey("ES256")], secrets: ["s".repeat(32)] };
      await refused(Promise.resolve().then(() => edge.createIssuer({ ...options, store: binding }).jwks()), { code: "ERR_STORE_UNSUITABLE" });
    });
  }
  test("D1: a database without its table says what to do", async () => {
    const error = await d1Store(env.EMPTY).get("any").catch((error) => error);
    if (!/apply the migration/.test(error.message)) throw error;
  });
};

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const name = new URL(request.url).searchParams.get("test");
    if (name === null) return Response.json([...all(env).keys()]);
    return Response.json(await outcome(all(env).get(name)));
  },
};
