// What a client must do on every host, with nothing but what it brings along: no page, no storage, no locks.

import { equal, ok, refused, same } from "./check.mjs";

const API = "https://api.example";

/** A server in the program: it rotates, and its API takes the newest token only. */
const serverOf = () => {
  const server = {
    generation: 0, posts: 0, seen: [],
    tokens: () => ({ access_token: `a${server.generation}`, refresh_token: `r${server.generation}`, expires_in: 300 }),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname, origin } = new URL(request.url);
      const authorization = request.headers.get("authorization");
      const body = await request.text();
      if (pathname === "/token") {
        server.posts++;
        server.generation++;
        return Response.json(server.tokens());
      }
      server.seen.push([origin + pathname, authorization, body]);
      if (pathname === "/moved") return new Response(null, { status: 307, headers: { location: "/here" } });
      if (pathname === "/away") return new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } });
      return Response.json({}, { status: authorization === `Bearer a${server.generation}` ? 200 : 401 });
    },
  };
  return server;
};

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime */
export const testHosts = ({ test, evertoken }) => {
  const signedIn = async (options) => {
    const server = serverOf();
    const client = evertoken.createClient({ tokenEndpoint: `${API}/token`, clientId: "web", storage: "memory", host: { fetch: server.fetch }, ...options });
    await client.setTokens(server.tokens());
    return { server, client };
  };

  test("C34: a client signs in, refreshes and signs out", async () => {
    const { server, client } = await signedIn();
    equal(await client.getAccessToken(), "a0");
    equal(await client.getAccessToken({ forceRefresh: true }), "a1");
    equal(client.getSnapshot().status, "active");
    await client.signOut();
    equal(await client.getAccessToken(), null);
    equal(server.posts, 1);
    client.dispose();
    await refused(client.getAccessToken(), { code: "ERR_NOT_READY" });
  });

  test("C34: what is stored is taken up without a request", async () => {
    const items = new Map();
    const storage = { get: async (key) => items.get(key) ?? null, set: async (key, value) => void items.set(key, value), remove: async (key) => void items.delete(key) };
    const { server, client } = await signedIn({ storage });
    client.dispose();
    const next = evertoken.createClient({ tokenEndpoint: `${API}/token`, storage, host: { fetch: server.fetch } });
    equal(await next.getAccessToken(), "a0");
    equal(server.posts, 0);
    next.dispose();
  });

  test("C32: a channel that fails is no failure of storage", async () => {
    const items = new Map();
    const storage = { get: async (key) => items.get(key) ?? null, set: async (key, value) => void items.set(key, value), remove: async (key) => void items.delete(key) };
    let said = 0;
    const channel = () => ({ onmessage: null, close: () => {}, postMessage: () => { said++; throw new TypeError("out of order"); } });
    const server = serverOf();
    const client = evertoken.createClient({ tokenEndpoint: `${API}/token`, storage, host: { fetch: server.fetch, channel } });
    const warnings = [];
    client.on("warning", ({ code }) => warnings.push(code));
    await client.setTokens(server.tokens());
    for (let round = 1; round <= 3; round++) equal(await client.getAccessToken({ forceRefresh: true }), `a${round}`);
    await client.signOut();
    same([items.size, warnings], [0, []]);
    ok(said >= 4, "it was tried");
    client.dispose();
  });

  test("C19, C23: a 401 is answered by one refresh, and redirects take the token no further than they may", async () => {
    const { server, client } = await signedIn();
    server.generation++;
    equal((await client.fetch(`${API}/moved`, { method: "POST", body: "text" })).status, 200);
    equal(server.posts, 1);
    same(server.seen.slice(-2), [[`${API}/moved`, "Bearer a2", "text"], [`${API}/here`, "Bearer a2", "text"]]);
    await client.fetch(`${API}/away`);
    same(server.seen.at(-1), ["https://elsewhere.example/", null, ""]);
    ok(server.seen.length === 6, "each was asked as often as it should");
    client.dispose();
  });
};
