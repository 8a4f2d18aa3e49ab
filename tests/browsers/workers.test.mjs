// The client in dedicated, shared and service workers of Chromium and Firefox: no page, no localStorage (C34).

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { rotating } from "./rotating.mjs";
import { pages } from "./server.mjs";
import { open } from "./webdriver.mjs";

/** In the page: starts a worker, which `globalThis.ask` then asks. */
const starts = {
  dedicated: (url) => {
    const worker = new Worker(url, { type: "module" });
    window.targets = [worker, worker];
  },
  // Two connections, as of two tabs.
  shared: (url) => {
    window.targets = [1, 2].map(() => new SharedWorker(url, { type: "module" }).port);
    for (const port of window.targets) port.start();
  },
  service: async (url) => {
    const registered = await navigator.serviceWorker.register(url, { type: "module" });
    while (!navigator.serviceWorker.controller) await new Promise((later) => setTimeout(later, 20));
    window.targets = [registered.active, registered.active];
  },
};

const hands = () => {
  window.ask = (at, what, given) => new Promise((answered) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answered(data);
    window.targets[at].postMessage([what, given], [port2]);
  });
};

for (const name of /** @type {const} */ (["Chromium", "Firefox"])) {
  describe(name, () => {
    let browser;
    before(async () => void (browser = await open(name)));
    after(() => browser?.close());

    for (const [kind, start] of Object.entries(starts)) {
      const scenario = (title, { client, life }, run) =>
        test(`C34: ${title}, in a ${kind} worker`, { timeout: 60_000 }, async () => {
          const server = rotating({ repeats: true, life });
          const sent = [];
          const files = await pages(() => {}, {
            routes: {
              ...server.routes,
              "/me": (_body, response, { headers: { authorization } }) => {
                sent.push(authorization);
                response.writeHead(authorization === `Bearer ${server.tokens().access_token}` ? 200 : 401).end();
              },
            },
          });
          try {
            await browser.visit(new URL("blank.html", files.url).href);
            await browser.run(hands);
            await browser.run(start, new URL(`worker.mjs?client=${encodeURIComponent(JSON.stringify(client))}`, files.url).href);
            const ask = (what, given, at = 0) => browser.run((at, what, given) => window.ask(at, what, given), at, what, given);
            await ask("signIn", server.tokens());
            await run({ server, sent, ask });
          } finally {
            await browser.visit("about:blank");
            files.close();
          }
        });

      scenario("a client refreshes once for all who ask, replays a 401 and signs out", { client: { storage: "memory" } }, async ({ server, sent, ask }) => {
        assert.equal(await ask("token", {}), "u.a0");
        const both = await browser.run(() => Promise.all([0, 1].map((at) => window.ask(at, "token", { forceRefresh: true }))));
        assert.deepEqual([both, server.posts.length], [["u.a1", "u.a1"], 1]);
        assert.match(server.posts[0].attempt ?? "", /^[\w-]{22}$/);
        server.sessions.get("u").generation++;
        // The API has moved on, as after a refresh elsewhere, and so has what can be refreshed.
        await ask("signIn", { ...server.tokens(), access_token: "old", generation: 9 });
        assert.equal(await ask("me"), 200);
        assert.deepEqual(sent, ["Bearer old", "Bearer u.a3"]);
        await ask("signOut");
        assert.equal(await ask("token"), null);
        assert.deepEqual(server.revoked, ["u.r3"]);
        assert.deepEqual((await ask("heard")).filter((event) => event.startsWith("warning")), []);
      });

      scenario("tokens are renewed by the timer, in memory, since there is no other storage", { client: {}, life: 2 }, async ({ server, ask }) => {
        while (!(await ask("heard")).includes("refreshed")) await new Promise((later) => setTimeout(later, 100));
        assert.ok(server.posts.length >= 1);
        assert.match(await ask("token"), /^u\.a[1-9]/);
        assert.deepEqual((await ask("heard")).filter((event) => /ended|warning/.test(event)), ["warning ERR_STORE"]);
      });
    }

    test("C34: a service worker sends the page's own requests with a token that the page does not see", { timeout: 60_000 }, async () => {
      const server = rotating();
      const sent = [];
      const files = await pages(() => {}, { routes: { ...server.routes, "/me": (_body, response, { headers }) => (sent.push(headers.authorization), response.end("{}")) } });
      try {
        await browser.visit(new URL("blank.html", files.url).href);
        await browser.run(hands);
        await browser.run(starts.service, new URL('worker.mjs?client={"storage":"memory"}', files.url).href);
        await browser.run((tokens) => window.ask(0, "signIn", tokens), server.tokens());
        assert.equal(await browser.run(() => fetch("/me").then(({ status }) => status)), 200);
        assert.deepEqual(sent, ["Bearer u.a0"]);
      } finally {
        await browser.visit("about:blank");
        files.close();
      }
    });
  });
}
