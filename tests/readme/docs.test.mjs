// The examples of docs/*.md, taken out of it as they stand and run against the real thing.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "../../scripts/lib/run.mjs";
import { startRedis } from "../stores/redis-server.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "evertoken-docs-"));
const write = (name, text) => writeFileSync(join(folder, name), text);

/** What a reader has beside the example: here Postgres itself, as wasm. */
const database = `
import { PGlite } from ${JSON.stringify(import.meta.resolve("@electric-sql/pglite"))};
export const db = await PGlite.create();
`;

/** Code blocks that a comment before them names. */
const examples = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .flatMap((name) => [...readFileSync(join(root, "docs", name), "utf8").matchAll(/<!-- run by tests\/readme: (\S+) -->\n```js\n(.*?)```/gs)]);

before(() => {
  assert.deepEqual(examples.map(([, name]) => name), ["cookie.mjs", "redis.mjs", "postgres-store.mjs", "postgres-store.test.mjs"]);
  for (const [, name, code] of examples) write(name, code);
  write("database.mjs", database);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/evertoken"));
  symlinkSync(join(root, "node_modules/@redis/client"), join(folder, "node_modules/redis"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("the store for Postgres passes the contract, as its test says", async () => {
  // The runner must not take this for a part of itself.
  const output = await run(process.execPath, ["--test", "--test-reporter=spec", "postgres-store.test.mjs"], { cwd: folder, env: { NODE_TEST_CONTEXT: undefined }, timeout: 120 });
  assert.match(output, /^ℹ fail 0$/m, output);
  assert.ok(Number(/^ℹ pass (\d+)$/m.exec(output)?.[1]) > 20, output);
});

test("the application with cookies knows who asks", async () => {
  const { default: app } = await import(pathToFileURL(join(folder, "cookie.mjs")).href);
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
    const { client, store } = await import(pathToFileURL(join(folder, "redis.mjs")).href);
    assert.equal(await store.get("nobody"), null);
    client.destroy();
  } finally {
    await server.stop();
  }
});
