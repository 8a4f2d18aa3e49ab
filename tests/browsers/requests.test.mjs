// Requests of real pages: what of them reaches a server, again after a 401 and elsewhere after a redirect.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { withTabs } from "./both.mjs";

const force = { forceRefresh: true };
/** The application's server of another origin: it lets pages send it whatever they like. */
let elsewhere;
let other;
const reached = [];
const noted = (whose, { method, headers: { authorization = "nothing" } }) => method !== "OPTIONS" && reached.push(`${whose} ${method} ${authorization}`);

before(async () => {
  elsewhere = createServer((request, response) => {
    noted("other", request);
    const { origin = "*" } = request.headers;
    response.writeHead(200, { "access-control-allow-origin": origin, "access-control-allow-headers": "authorization", "access-control-allow-credentials": "true" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  other = `http://127.0.0.1:${elsewhere.address().port}`;
});
after(() => {
  elsewhere?.closeAllConnections();
  elsewhere?.close();
});

/** In the page: bodies of each kind, by name. */
const bodies = () => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array([0, 128, 255])]), "name");
  return { text: "text ✓", form, fields: new URLSearchParams({ a: "b c" }), blob: new Blob(["blob"]), bytes: new Uint8Array([1, 2]), made: () => "made" };
};

/** An API that takes the newest token only, and what it was sent. */
const api = (server) => {
  const sent = [];
  server.routes["/me"] = (body, response, { headers }) => {
    sent.push({ authorization: headers.authorization, type: headers["content-type"], body });
    response.writeHead(headers.authorization === `Bearer ${server.tokens().access_token}` ? 200 : 401).end("{}");
  };
  return sent;
};

withTabs((scenario) => {
  scenario("C19, C22: a request that is answered 401 is sent again byte for byte, with the next token", { repeats: true }, async ({ open, server }) => {
    const tab = await open();
    await tab.signIn();
    const sent = api(server);
    const names = await tab.run(`(bodies) => Object.keys((${bodies})())`);
    for (const name of names) {
      sent.length = 0;
      const before = server.posts.length;
      // As after a refresh that this page has not heard of, and whose refresh token it was given.
      await tab.run((tokens) => window.client.setTokens(tokens), { ...server.tokens(), access_token: `old ${name}` });
      const statuses = await tab.run(`(name) => Promise.all([1, 2].map(() => window.client.fetch("/me", { method: "POST", body: (${bodies})()[name] }).then(({ status }) => status)))`, name);
      assert.deepEqual(statuses, [200, 200], name);
      assert.equal(server.posts.length, before + 1);
      assert.equal(sent.length, 4);
      const of = (authorization) => sent.filter((request) => request.authorization === authorization).map(({ type, body }) => `${type} ${body}`).sort();
      assert.deepEqual(of(`Bearer old ${name}`), of(`Bearer ${server.tokens().access_token}`), name);
      assert.ok(sent.every(({ body }) => body.length > 0), name);
    }
  });

  scenario("C22: a waiting request that is aborted rejects while the refresh goes on", { repeats: true }, async ({ open, posted, server }) => {
    const tab = await open();
    await tab.signIn();
    const sent = api(server);
    await tab.run((tokens) => window.client.setTokens(tokens), { ...server.tokens(), access_token: "old" });
    const go = server.hold();
    await tab.run(() => {
      window.controller = new AbortController();
      window.asked = window.client.fetch("/me", { signal: window.controller.signal }).catch(({ name }) => name);
    });
    await posted(1);
    await tab.run(() => window.controller.abort());
    assert.equal(await tab.asked(), "AbortError");
    await tab.ask(force);
    go();
    assert.equal(await tab.asked(), "u.a1");
    assert.deepEqual([server.posts.length, sent.length], [1, 1]);
  });

  scenario("C23: redirects take the token along within the page's own origin, and to no other", { connect: "*" }, async ({ open, server }) => {
    const on = (status, location) => (_body, response, request) => (noted("own", request), response.writeHead(status, { location }).end());
    Object.assign(server.routes, {
      "/here": (_body, response, request) => (noted("own", request), response.end("{}")),
      "/moved": on(307, "/here"), "/away": on(302, other), "/awry": on(308, other),
    });
    const tab = await open();
    await tab.signIn();
    const fetched = async (path, init = {}) => {
      reached.length = 0;
      await tab.run((path, init) => window.client.fetch(path, init).then(({ status }) => status), path, init);
      return reached;
    };
    assert.deepEqual(await fetched("/moved"), ["own GET Bearer u.a0", "own GET Bearer u.a0"]);
    assert.deepEqual(await fetched("/away"), ["own GET Bearer u.a0", "other GET nothing"]);
    assert.deepEqual(await fetched("/awry", { method: "POST", body: "text" }), ["own POST Bearer u.a0", "other POST nothing"]);
    assert.deepEqual(await fetched(other), ["other GET nothing"]);
  });
});
