// What Cloudflare's own bindings are taken for by every adapter, and by the issuer itself.

import * as edge from "../../../src/js/edge/workerd.js";
import { d1Store } from "../../../src/js/stores/d1.js";
import { denoKvStore } from "../../../src/js/stores/deno-kv.js";
import { durableObjectStore } from "../../../src/js/stores/durable-object.js";
import { redisStore } from "../../../src/js/stores/redis.js";
import { refused } from "../../suites/check.mjs";

/** @param {any} env @param {(name: string, run: () => Promise<void>) => void} test */
export const testBindings = (env, test) => {
  const bindings = {
    "a Workers KV namespace": env.KV,
    "a D1 database": env.DB,
    "a session of a D1 database": env.DB.withSession("first-unconstrained"),
    "a Durable Object namespace": env.ACCOUNTS,
    "a service binding or the stub of an object": env.ACCOUNTS.get(env.ACCOUNTS.idFromName("any")),
    "an R2 bucket": env.BUCKET,
    "nothing": env.NONE,
  };
  const adapters = [[d1Store, "a D1 database"], [durableObjectStore, "a Durable Object namespace"], [redisStore], [denoKvStore]];
  for (const [kind, binding] of Object.entries(bindings)) {
    for (const [adapter, wanted] of adapters) {
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
};
