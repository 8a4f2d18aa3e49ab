// The adapters and their frameworks, where there is no page.

import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { packageTools } from "../../../scripts/setup.mjs";
import { serve } from "../../../www/scripts/serve.mjs";
import { ADAPTED } from "../adapters.mjs";
import { user } from "../pack.mjs";
import { bun, deno, lastLine, node } from "../programs.mjs";

const { folder, write, remove } = user(packageTools());
after(remove);
cpSync(new URL("../fixtures/adapters/", import.meta.url), folder, { recursive: true });
cpSync(new URL("../adapters.mjs", import.meta.url), join(folder, "adapters.mjs"));
write("esm.mjs", 'import { walk } from "./servers.mjs"; console.log(JSON.stringify(await walk()));\n');

test("are imported in Node", async () => {
  assert.deepEqual(await lastLine(node("esm.mjs"), folder), ADAPTED);
});

test("are required in Node", async () => {
  write("cjs.cjs", `
    const axios = require("axios");
    const { createElement } = require("react");
    const { renderToString } = require("react-dom/server");
    const { Hono } = require("hono");
    import("./adapters.mjs").then(({ adapters }) => adapters({
      main: require("evertoken"),
      edge: require("evertoken/edge"),
      memoryStore: require("evertoken/stores/memory").memoryStore,
      axios: { create: axios.create, attach: require("evertoken/axios").attach },
      hono: { Hono, ...require("evertoken/hono") },
      react: { createElement, ...require("evertoken/react") },
      show: async (element) => renderToString(element),
    })).then((done) => console.log(JSON.stringify(done)));
  `);
  assert.deepEqual(await lastLine(node("cjs.cjs"), folder), ADAPTED);
});

test("run in Deno, where axios asks for the environment", async () => {
  assert.deepEqual(await lastLine(deno("esm.mjs", "--allow-env"), folder), ADAPTED);
});

test("run in Bun", async () => {
  assert.deepEqual(await lastLine(bun("esm.mjs"), folder), ADAPTED);
});

test("run in workerd", async () => {
  mkdirSync(join(folder, "state"));
  write("worker.mjs", `
    import { walk } from "./servers.mjs";
    export default { fetch: () => walk().then((done) => Response.json(done), (error) => new Response(error.stack, { status: 500 })) };
  `);
  write("wrangler.json", JSON.stringify({ name: "adapters", main: "worker.mjs", compatibility_date: "2026-04-24" }));
  const worker = await serve({ config: join(folder, "wrangler.json"), port: 0, state: join(folder, "state") });
  try {
    const response = await fetch(worker.url);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.deepEqual(JSON.parse(text), ADAPTED);
  } finally {
    await worker.stop();
  }
});
