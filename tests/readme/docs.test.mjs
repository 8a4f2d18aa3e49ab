// The examples of docs/*.md, taken out of it as they stand and run against the real thing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { run } from "../../scripts/lib/run.mjs";
import { startRedis } from "../stores/redis-server.mjs";
import { examples, readersFolder, root } from "./blocks.mjs";

const { folder, path, write, remove } = readersFolder({ redis: "@redis/client", wrangler: "wrangler" });
const imported = (name) => import(pathToFileURL(path(name)).href);

/** What a reader has beside the example: here Postgres itself, as wasm. */
const database = `
import { PGlite } from ${JSON.stringify(import.meta.resolve("@electric-sql/pglite"))};
export const db = await PGlite.create();
`;

before(() => {
  const found = examples("docs/cookie-transport.md", "docs/stores.md");
  assert.deepEqual(Object.keys(found), ["cookie.mjs", "d1.sh", "redis.mjs", "postgres-store.mjs", "postgres-store.test.mjs"]);
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

test("the migration of the store for D1 makes its table", async () => {
  write("wrangler.json", JSON.stringify({ name: "reader", compatibility_date: "2026-04-24", d1_databases: [{ binding: "DB", database_name: "my-database", database_id: "local" }] }));
  const [command] = examples("docs/stores.md")["d1.sh"].trim().split("\n");
  const [npx, wrangler, ...args] = command.split(" ");
  assert.deepEqual([npx, wrangler, args.includes("--remote")], ["npx", "wrangler", true]);
  // Its own database in place of the one that a reader has at Cloudflare.
  const locally = (...words) => run(process.execPath, [`${root}node_modules/wrangler/bin/wrangler.js`, ...words], { cwd: folder, env: { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: path("logs") }, timeout: 60 });
  await locally(...args.map((word) => word.replace("--remote", "--local")));
  const listed = await locally("d1", "execute", "my-database", "--local", "--json", "--command", "SELECT name FROM sqlite_master");
  assert.match(listed, /"evertoken_records"/);
});
