// The recipes of docs/recipes.md for axios, React and Hono, taken out of it as they stand, with the real ones.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { examples, readersFolder } from "./blocks.mjs";

const { path, write, remove } = readersFolder({ axios: "axios" });
const imported = (name) => import(pathToFileURL(path(name)).href);

before(() => {
  for (const [name, code] of Object.entries(examples("docs/recipes.md"))) write(name, code);
});
after(remove);

test("the recipe with axios sends the token, renews it, and leaves it out", async (t) => {
  const hostFetch = globalThis.fetch;
  const asked = [];
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const authorization = request.headers.get("authorization");
    asked.push([new URL(request.url).pathname, authorization]);
    if (request.url.endsWith("/token")) return Response.json({ access_token: "second", refresh_token: "r2", expires_in: 300 });
    return Response.json({ authorization }, { status: authorization === "Bearer first" ? 401 : 200 });
  };
  const { client, profile, news } = await imported("axios.js");
  t.after(() => (client.dispose(), (globalThis.fetch = hostFetch)));
  await client.setTokens({ access_token: "first", refresh_token: "r1", expires_in: 300 });
  assert.deepEqual(await profile(), { authorization: "Bearer second" });
  assert.deepEqual(await news(), { authorization: null });
  assert.deepEqual(asked, [["/profile", "Bearer first"], ["/token", null], ["/profile", "Bearer second"], ["/news", null]]);
});
