// Where the client's token goes when a server sends its request on, over real HTTP (C23).

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { createClient } from "../../src/js/node.js";

/** A server that keeps what it was sent; `answer` gives what it says. */
const server = async (t, answer) => {
  const seen = [];
  const http = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { authorization, cookie, "content-type": type } = request.headers;
    seen.push({ method: request.method, url: request.url, authorization, cookie, type, body: Buffer.concat(chunks).toString() });
    const [status, headers = {}] = answer(request);
    response.writeHead(status, headers).end("said");
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => (http.closeAllConnections(), http.close()));
  return { seen, origin: `http://127.0.0.1:${http.address().port}` };
};

const signedIn = async (t, origins) => {
  let refreshes = 0;
  const client = createClient({
    storage: "memory", origins,
    refresh: async () => ({ access_token: `a${++refreshes}`, expires_in: 300 }),
  });
  t.after(client.dispose);
  await client.setTokens({ access_token: "a0", expires_in: 300 });
  return { client, refreshes: () => refreshes };
};

const to = (location, status = 302) => [status, { location }];

test("C23. a redirect takes the token along within its origin and to no other, not even by way of one that is allowed", async (t) => {
  let away = "";
  const home = await server(t, ({ url }) => (url === "/away" ? to(`${away}/there`) : url === "/near" ? to("/here") : [200]));
  const other = await server(t, ({ url }) => (url === "/back" ? to(`${home.origin}/here`) : [200]));
  away = other.origin;
  const { client } = await signedIn(t, [home.origin]);
  const headers = { cookie: "c=1", "x-kept": "1" };
  const near = await client.fetch(`${home.origin}/near`, { headers });
  assert.deepEqual([near.status, near.redirected, near.url], [200, true, `${home.origin}/here`]);
  assert.deepEqual(home.seen.map(({ authorization }) => authorization), ["Bearer a0", "Bearer a0"]);

  const far = await client.fetch(`${home.origin}/away`, { headers });
  assert.equal(await far.text(), "said");
  assert.deepEqual(other.seen.map(({ authorization, cookie }) => [authorization, cookie]), [[undefined, undefined]]);

  home.seen.length = 0;
  await client.fetch(`${other.origin}/back`);
  assert.deepEqual(home.seen.map(({ authorization }) => authorization), [undefined]);
});

test("C23. once it has left the token does not come back", async (t) => {
  let away = "";
  const home = await server(t, ({ url }) => (url === "/away" ? to(`${away}/back`) : [200]));
  const other = await server(t, () => to(`${home.origin}/chosen-by-somebody-else`));
  away = other.origin;
  const { client } = await signedIn(t, [home.origin]);
  await client.fetch(`${home.origin}/away`);
  assert.deepEqual(home.seen.map(({ authorization }) => authorization), ["Bearer a0", undefined]);
});

test("C23. a 401 from where the token did not go is no reason to refresh", async (t) => {
  const other = await server(t, () => [401]);
  const home = await server(t, () => to(other.origin));
  const { client, refreshes } = await signedIn(t, [home.origin]);
  assert.equal((await client.fetch(home.origin)).status, 401);
  assert.deepEqual([refreshes(), home.seen.length, other.seen.length], [0, 1, 1]);
});

test("a redirected request keeps its method and body where the status says so", async (t) => {
  const home = await server(t, ({ url }) => (url === "/end" ? [200] : to("/end", Number(url.slice(1)))));
  const { client } = await signedIn(t, [home.origin]);
  const sent = async (status, method, body) => {
    home.seen.length = 0;
    await client.fetch(`${home.origin}/${status}`, { method, body, ...(body && { headers: { "content-type": "text/x" } }) });
    const { method: last, body: text, type } = home.seen.at(-1);
    return [last, text, type];
  };
  for (const status of [307, 308]) {
    for (const body of ["text ✓", new Blob(["text ✓"]), () => "text ✓"]) assert.deepEqual(await sent(status, "POST", body), ["POST", "text ✓", "text/x"]);
  }
  for (const status of [301, 302, 303]) assert.deepEqual(await sent(status, "POST", "text"), ["GET", "", undefined]);
  assert.deepEqual(await sent(303, "PUT", "text"), ["GET", "", undefined]);
  assert.deepEqual(await sent(302, "PUT", "text"), ["PUT", "text", "text/x"]);
  assert.deepEqual(await sent(303, "HEAD"), ["HEAD", "", undefined]);
});

test("a redirected request that is refused is sent again from the start, with the same body", async (t) => {
  const home = await server(t, ({ url, headers }) => (url === "/end" ? [headers.authorization === "Bearer a1" ? 200 : 401] : to("/end", 307)));
  const { client, refreshes } = await signedIn(t, [home.origin]);
  assert.equal((await client.fetch(`${home.origin}/start`, { method: "POST", body: "text" })).status, 200);
  assert.equal(refreshes(), 1);
  assert.deepEqual(home.seen.map(({ url, body }) => [url, body]), ["/start", "/end", "/start", "/end"].map((url) => [url, "text"]));
});

test("redirects end: after twenty, at a stream, and where no server is", async (t) => {
  const home = await server(t, ({ url }) => to(url === "/file" ? "file:///etc/hosts" : url === "/data" ? "data:,x" : "/again", 307));
  const { client } = await signedIn(t, [home.origin]);
  await assert.rejects(client.fetch(`${home.origin}/again`), TypeError);
  assert.equal(home.seen.length, 21);
  for (const path of ["/file", "/data"]) await assert.rejects(client.fetch(home.origin + path), TypeError);
  const body = new Blob(["x"]).stream();
  await assert.rejects(client.fetch(home.origin, { method: "POST", body, duplex: "half" }), TypeError);
});

test("who wants no redirect followed gets it as it is, or an error", async (t) => {
  const home = await server(t, () => to("/end"));
  const { client } = await signedIn(t, [home.origin]);
  assert.equal((await client.fetch(home.origin, { redirect: "manual" })).status, 302);
  await assert.rejects(client.fetch(home.origin, { redirect: "error" }), TypeError);
  assert.equal(home.seen.length, 2);
});
