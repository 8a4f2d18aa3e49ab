// What a client must do with a page's own storage, timers, requests and bodies; the server is a function in the page.

import { equal, ok, refused, same } from "./check.mjs";

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const json = (status, value) => new Response(JSON.stringify(value), { status });

/** A server that rotates: `posts` are the forms it got; `next` may hold functions that answer instead. */
export const serverOf = () => {
  const server = {
    generation: 0, life: 300, posts: [], revoked: [], api: [], seen: [], next: [],
    tokens: (life = 300) => ({ access_token: `a${server.generation}`, refresh_token: `r${server.generation}`, expires_in: life, token_type: "Bearer" }),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      server.seen.push(request.headers.get("authorization"));
      const path = new URL(request.url).pathname;
      const body = await request.text();
      if (path === "/revoke") return server.revoked.push(new URLSearchParams(body).get("token")), json(200, {});
      if (path === "/token") {
        const form = new URLSearchParams(body);
        server.posts.push(form);
        if (form.get("refresh_token") === `r${server.generation}`) server.generation++;
        const answer = json(200, server.tokens(server.life));
        return server.next.shift()?.(answer, request.signal) ?? answer;
      }
      server.api.push(body);
      return json(request.headers.get("authorization") === `Bearer a${server.generation}` ? 200 : 401, {});
    },
  };
  return server;
};

export const EVENTS = ["idleCountdown", "signedIn", "refreshed", "refreshDeferred", "expiring", "sessionChanged", "ended", "warning"];

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime  of a page: it has a
 *   `localStorage`, and relative URLs
 */
export const testClient = ({ test, evertoken }) => {
  const page = (key) => {
    const server = serverOf();
    const heard = [];
    const open = (options) => {
      const client = evertoken.createClient({
        tokenEndpoint: "/token", revocationEndpoint: "/revoke", clientId: "web", storageKey: key, host: { fetch: server.fetch }, ...options,
      });
      for (const event of EVENTS) client.on(event, () => heard.push(event));
      return client;
    };
    const signedIn = async (options) => {
      const client = open(options);
      await client.setTokens(server.tokens(options?.life));
      return client;
    };
    const stored = () => Object.keys(localStorage).filter((name) => name.startsWith(key)).length;
    return { server, heard, open, signedIn, stored };
  };
  const force = { forceRefresh: true };

  test("C1: parallel calls make one refresh", async () => {
    const { server, signedIn, stored } = page("c1");
    const client = await signedIn();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => client.getAccessToken(force)));
    same([...new Set(tokens)], ["a1"]);
    equal(server.posts.length, 1);
    equal(stored(), 2);
    client.dispose();
  });

  test("C7: the attempt is found at start and sent again", async () => {
    const { server, open, signedIn } = page("c7");
    const first = await signedIn();
    server.next.push(() => new Promise(() => {}));
    const waiting = first.getAccessToken(force);
    while (server.posts.length === 0) await sleep(10);
    first.dispose();
    await refused(waiting, { code: "ERR_NOT_READY" });

    const client = open();
    equal(await client.getAccessToken(), "a0");
    equal(await client.getAccessToken(force), "a1");
    const [one, two] = server.posts.map((form) => form.get("attempt"));
    equal(one, two);
    equal(one.length, 22);
    client.dispose();
  });

  test("C13: tokens are renewed by the timer, even after a failure", async () => {
    const { server, heard, open } = page("c13");
    server.next.push(() => Promise.reject(new TypeError("Failed to fetch")));
    const client = open();
    await client.setTokens(server.tokens(2));
    while (!heard.includes("refreshed")) await sleep(20);
    same(heard.filter((event) => event !== "expiring"), ["signedIn", "refreshDeferred", "refreshed"]);
    equal(client.getSnapshot().status, "active");
    client.dispose();
  });

  test("C19, C22: a 401 is answered by one refresh and the same body", async () => {
    const form = () => {
      const form = new FormData();
      form.append("f", "✓");
      return form;
    };
    const bodies = ["text ✓", new URLSearchParams({ a: "b" }), new Blob(["x"]), () => "made", form()];
    for (const body of bodies) {
      const { server, signedIn } = page("c19");
      const client = await signedIn();
      server.generation++;
      // The client's access token is a generation behind: as after a refresh elsewhere.
      await client.setTokens({ ...server.tokens(), access_token: "old" });
      const answers = await Promise.all([1, 2, 3].map(() => client.fetch("/api/me", { method: "POST", body })));
      same(answers.map(({ status }) => status), [200, 200, 200]);
      equal(server.posts.length, 1);
      equal(server.api.length, 6);
      // Every copy of a form has a boundary of its own.
      if (!(body instanceof FormData)) equal(new Set(server.api).size, 1);
      ok(server.api.every((text) => text.length > 0), "a body was empty");
      client.dispose();
      localStorage.clear();
    }
  });

  test("C23: the token stays with the page's own origin", async () => {
    const { server, signedIn } = page("c23");
    const client = await signedIn();
    for (const url of ["https://elsewhere.example/me", "/me", "blob:null/x", "data:,x"]) await client.fetch(url).catch(() => {});
    await client.fetch("/me", { skipAuth: true });
    same(server.seen.filter(Boolean), ["Bearer a0"]);
    client.dispose();
  });

  test("C24: a sign-out during a refresh stays one", async () => {
    const { server, heard, signedIn, stored } = page("c24");
    const client = await signedIn();
    let send;
    server.next.push((answer) => new Promise((resolve) => (send = () => resolve(answer))));
    const waiting = client.getAccessToken(force);
    while (!send) await sleep(10);
    await client.signOut();
    equal(await waiting, null);
    send();
    while (server.revoked.length < 2) await sleep(10);
    equal(stored(), 0);
    same(server.revoked, ["r0", "r1"]);
    same(heard, ["signedIn", "ended"]);
    client.dispose();
  });

  /** Comes to the event's detail. */
  const heardOf = (client, event) => new Promise((heard) => client.on(event, heard));

  test("C8, C24: another client's renewal and sign-out are seen", async () => {
    const { server, open, signedIn } = page("tabs");
    const [one, other] = [await signedIn(), open()];
    await other.ready;
    const [refreshed, ended] = [heardOf(other, "refreshed"), heardOf(other, "ended")];
    equal(await one.getAccessToken(force), "a1");
    await refreshed;
    equal(await other.getAccessToken(), "a1");
    await one.signOut();
    same(await ended, { reason: "signedOut" });
    equal(await other.getAccessToken(), null);
    equal(server.posts.length, 1);
    one.dispose();
    other.dispose();
  });

  /** Storage that does `setItem` its own way for a while. */
  const withSetItem = async (setItem, run) => {
    const own = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      setItem(key, (other = value) => own.call(this, key, other));
    };
    try {
      await run();
    } finally {
      Storage.prototype.setItem = own;
    }
  };
  const full = () => {
    throw new DOMException("full", "QuotaExceededError");
  };

  test("C32: storage that throws is replaced by memory, with one warning", async () => {
    const { heard, open, server, stored } = page("c32");
    const client = open();
    await withSetItem(full, async () => {
      await client.setTokens(server.tokens());
      equal(await client.getAccessToken(force), "a1");
    });
    equal(stored(), 0);
    equal(await client.getAccessToken(force), "a2");
    // There is room for it again.
    equal(heard.filter((name) => name === "warning").length, 1);
    equal(stored(), 2);
    client.dispose();
    const next = open();
    equal(await next.getAccessToken(), "a2");
    next.dispose();
  });

  test("C53: the last generation makes room for the next", async () => {
    const { heard, signedIn, stored } = page("c53");
    /** @type {any} */
    let client;
    const others = (key) => Object.keys(localStorage).filter((other) => other !== key && other.startsWith("c53")).length;
    await withSetItem((key, set) => (others(key) > 1 ? full() : set()), async () => {
      client = await signedIn();
      equal(await client.getAccessToken(force), "a1");
    });
    same(heard, ["signedIn", "refreshed"]);
    equal(stored(), 2);
    client.dispose();
  });

  /** No more characters than there are now. */
  const crowded = (run) => {
    const room = JSON.stringify({ ...localStorage }).length;
    return withSetItem((key, set) => {
      const before = localStorage.getItem(key);
      set();
      if (JSON.stringify({ ...localStorage }).length <= room) return;
      if (before === null) localStorage.removeItem(key);
      else set(before);
      full();
    }, run);
  };

  test("C53: a session goes on in the room that it has, and is there after a reload", async () => {
    const { heard, open, server, signedIn, stored } = page("c53room");
    const [one, other] = [await signedIn(), open()];
    await other.ready;
    await crowded(async () => {
      // Its name and its tokens get longer on the way.
      for (let round = 1; round <= 12; round++) equal(await one.getAccessToken(force), `a${round}`);
      one.dispose();
      const next = open();
      equal(await next.getAccessToken(), "a13");
      next.dispose();
    });
    equal(server.posts.length, 13);
    ok(!heard.includes("warning") && !heard.includes("ended"), String(heard));
    equal(stored(), 2);
    other.dispose();
  });

  test("C28, C53: where there is no room for the next user, the last one is not left behind", async () => {
    const { heard, server, signedIn, stored } = page("c53next");
    const client = await signedIn();
    await withSetItem(full, async () => {
      await client.setTokens({ ...server.tokens(), access_token: "other", refresh_token: "other" });
      equal(stored(), 0);
      equal(await client.getAccessToken(), "other");
      await client.signOut();
    });
    equal(stored(), 0);
    equal(await client.getAccessToken(), null);
    equal(heard.filter((name) => name === "warning").length, 1);
    client.dispose();
  });

  test("C24, C53: a sign-out needs no room", async () => {
    const { signedIn, stored } = page("c53out");
    const client = await signedIn();
    await withSetItem(full, () => client.signOut());
    equal(stored(), 0);
    client.dispose();
  });

  test("a request that never ends is given up and aborted", async () => {
    const { server, signedIn } = page("slow");
    const client = await signedIn({ requestTimeout: 0.05 });
    let aborted = false;
    server.next.push((_, signal) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))));
    await refused(client.getAccessToken(force), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    ok(aborted, "the request went on");
    client.dispose();
  });

  test("C30: a session that nobody uses ends, unless somebody does something in time", async () => {
    const { heard, server, signedIn, stored } = page("c30");
    const client = await signedIn({ idleTimeout: 2 });
    const next = (event) => new Promise((resolve) => { const off = client.on(event, (detail) => (off(), resolve(detail))); });
    const { endsAt } = await next("idleCountdown");
    ok(Math.abs(endsAt - Date.now() / 1000) < 3, "it says when");
    const stopped = next("idleCountdown");
    document.body.dispatchEvent(new Event("keydown", { bubbles: true }));
    same(await stopped, {});
    equal((await next("ended")).reason, "idle");
    same(heard, ["signedIn", "idleCountdown", "idleCountdown", "idleCountdown", "ended"]);
    equal(await client.getAccessToken().catch(({ code }) => code), null);
    equal(stored(), 0);
    while (server.revoked.length === 0) await sleep(10);
    same(server.revoked, ["r0"]);
    client.dispose();
  });

  test("C31: a token at hand costs no lock, no storage and no request", async () => {
    const { server, signedIn } = page("c31");
    const locks = { request: () => ok(false, "a lock was asked for") };
    const client = await signedIn({ host: { fetch: server.fetch, locks } });
    await client.getAccessToken();
    const own = Storage.prototype.getItem;
    let reads = 0;
    Storage.prototype.getItem = function (key) {
      return reads++, own.call(this, key);
    };
    try {
      for (let call = 0; call < 100; call++) equal(await client.getAccessToken(), "a0");
    } finally {
      Storage.prototype.getItem = own;
    }
    same([reads, server.posts.length], [0, 0]);
    client.dispose();
  });

  test("an answer without headers is an answer", async () => {
    const { server, signedIn } = page("bare");
    const client = await signedIn();
    server.next.push((answer) => ({ status: 200, text: () => answer.text() }));
    equal(await client.getAccessToken(force), "a1");
    client.dispose();
  });
};
