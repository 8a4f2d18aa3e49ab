// The examples of docs/*.md, taken out of it as they stand and run against the real thing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { run } from "../../scripts/lib/run.mjs";
import { serve } from "../../www/scripts/serve.mjs";
import { TokenError } from "../../src/js/node.js";
import { deno, lastLine } from "../package/programs.mjs";
import { startRedis } from "../stores/redis-server.mjs";
import { lines } from "./commands.mjs";
import { examples, readersFolder } from "./blocks.mjs";

const { folder, path, write, remove } = readersFolder({ redis: "@redis/client", wrangler: "wrangler" });
const imported = (name) => import(pathToFileURL(path(name)).href);

/** What a reader has beside the example: here Postgres itself, as wasm. */
const database = `
import { PGlite } from ${JSON.stringify(import.meta.resolve("@electric-sql/pglite"))};
export const db = await PGlite.create();
`;

const found = examples("docs/cookie-transport.md", "docs/errors.md", "docs/stores.md");

before(() => {
  for (const [name, code] of Object.entries(found)) write(name, code);
  write("database.mjs", database);
});
after(remove);

test("the store for Postgres passes the contract, as its test says", async () => {
  // The runner must not take this for a part of itself.
  const output = await run(process.execPath, ["--test", "--test-reporter=spec", "postgres-store.test.mjs"], { cwd: folder, env: { NODE_TEST_CONTEXT: undefined }, timeout: 120 });
  assert.match(output, /^ℹ fail 0$/m, output);
  assert.ok(Number(/^ℹ pass (\d+)$/m.exec(output)?.[1]) > 20, output);
});

test("the application with cookies knows who asks", async () => {
  const { default: app } = await imported("cookie.mjs");
  const ask = async (path, method, cookie = "") => {
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const response = await app.fetch(new Request(`https://app.example${path}`, { method, headers }));
    const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0]);
    return { status: response.status, text: await response.text(), cookies: cookies.join("; ") };
  };
  assert.equal((await ask("/", "GET")).status, 401);
  const { cookies } = await ask("/login", "POST");
  assert.equal((await ask("/", "GET", cookies)).text, "Hello ada");
  const renewed = await ask("/", "GET", cookies.replace(/__Host-evertoken-access=\S+/, ""));
  assert.deepEqual([renewed.text, renewed.cookies.split("; ").length], ["Hello ada", 3]);
  assert.equal((await ask("/logout", "POST", renewed.cookies)).status, 204);
});

test("the store for Redis connects and answers", async () => {
  const server = await startRedis();
  process.env.REDIS_URL = server.url;
  try {
    const { client, store } = await imported("redis.mjs");
    assert.equal(await store.get("nobody"), null);
    client.destroy();
  } finally {
    await server.stop();
  }
});

test("the store for Deno KV opens the database and answers", async () => {
  write("asks-deno-kv.mjs", 'import { store } from "./deno-kv.js"; console.log(JSON.stringify(await store.get("nobody")));\n');
  assert.equal(await lastLine(deno("asks-deno-kv.mjs", "--unstable-kv", "--allow-all"), folder), null);
});

test("the stores for Durable Objects and D1 answer, with the bindings that the page gives and the table that its command makes", async () => {
  write("wrangler.jsonc", `{ "name": "reader", "main": "stores.js", "compatibility_date": "2026-04-24", ${found["durable-object.jsonc"]}, ${found["d1.jsonc"]} }`);
  write("stores.js", `
    import * as objects from "./durable-object.js";
    import * as database from "./d1.js";
    export { EvertokenStore } from "./durable-object.js";
    export default {
      async fetch(request, env) {
        const answers = [];
        for (const { storeOf } of [objects, database]) {
          const { version } = await storeOf(env).compareAndSet("ada", null, "once", 4e9);
          answers.push([version !== undefined, (await storeOf(env).get("ada")).value, (await storeOf(env).compareAndSet("ada", null, "twice", 4e9)).ok]);
        }
        return Response.json(answers);
      },
    };
  `);
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_LOG_PATH: path("logs") };
  for (const line of lines(found["d1.sh"])) await run("sh", ["-c", line], { cwd: folder, env: quiet, timeout: 60 });
  const worker = await serve({ port: 0, state: path(".wrangler/state"), config: path("wrangler.jsonc") });
  try {
    assert.deepEqual(await (await fetch(worker.url)).json(), [[true, "once", false], [true, "once", false]]);
  } finally {
    await worker.stop();
  }
});

test("the example of errors says who should sign in again, and who should wait", async () => {
  const { shown } = await imported("shown.js");
  const said = (code, retryable = false) => shown(new TokenError({ code, message: "What to do.", retryable }));
  assert.match(said("ERR_STORE", true), /Try again/);
  for (const code of ["ERR_SESSION_ENDED", "ERR_REFRESH_REUSED"]) assert.match(said(code), /Sign in again/);
  assert.equal(said("ERR_JWT_INVALID"), "What to do.");
  assert.throws(() => shown(new RangeError("ours")), RangeError);
});
