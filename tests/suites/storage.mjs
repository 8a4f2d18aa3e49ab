// A storage of the application's own: at once or later, watched or not, failing, and losing what was written last.

import { equal, ok, refused, same } from "./check.mjs";
import { EVENTS, serverOf } from "./client.mjs";

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const force = { forceRefresh: true };

/** A storage that takes its time, or none; `fail` names what does not work, or not "once". */
const adapterOf = ({ slow }) => {
  const items = new Map();
  const watching = new Set();
  const answer = (name, act) => {
    const run = () => {
      adapter.busy--;
      if (adapter.fail.startsWith(name)) {
        if (adapter.fail.endsWith("once")) adapter.fail = "";
        throw new Error("out of order");
      }
      return act();
    };
    adapter.busy++;
    return slow ? sleep(Math.random() * 4).then(run) : run();
  };
  const told = () => watching.forEach((changed) => changed());
  const adapter = {
    items,
    watching,
    fail: "",
    busy: 0,
    /** Nobody reads or writes, nor is about to. */
    quiet: async () => {
      for (let calm = 0; calm < 5; calm++) {
        await sleep(2);
        if (adapter.busy > 0) calm = 0;
      }
    },
    get: (key) => answer("get", () => items.get(key) ?? null),
    set: (key, value) => answer("set", () => (items.set(key, value), told())),
    remove: (key) => answer("remove", () => (items.delete(key), told())),
    subscribe: (changed) => (watching.add(changed), () => watching.delete(changed)),
  };
  return adapter;
};

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime */
export const testStorage = ({ test, evertoken }) => {
  const world = (slow, { host = {}, ...options } = {}) => {
    const server = serverOf();
    const storage = adapterOf({ slow });
    const heard = [];
    const open = () => {
      const client = evertoken.createClient({
        tokenEndpoint: "https://issuer.example/token", revocationEndpoint: "https://issuer.example/revoke", storage, ...options,
        host: { fetch: server.fetch, ...host },
      });
      for (const event of EVENTS) client.on(event, () => heard.push(event));
      return client;
    };
    return { server, storage, heard, open };
  };

  for (const slow of [false, true]) {
    const how = slow ? "a slow" : "a fast";

    test(`C7: ${how} storage of one's own keeps the session and its attempt`, async () => {
      const { server, storage, open } = world(slow);
      const first = open();
      await first.setTokens(server.tokens());
      equal(await first.getAccessToken(force), "a1");
      server.next.push(() => new Promise(() => {}));
      const waiting = first.getAccessToken(force);
      while (server.posts.length < 2) await sleep(2);
      first.dispose();
      await refused(waiting, { code: "ERR_NOT_READY" });
      equal(storage.watching.size, 0);
      same([...storage.items.keys()], ["evertoken"]);

      const client = open();
      equal(await client.getAccessToken(), "a1");
      equal(await client.getAccessToken(force), "a2");
      equal(server.posts[1].get("attempt"), server.posts[2].get("attempt"));
      await client.signOut();
      equal(storage.items.size, 0);
      client.dispose();
    });

    for (const fail of ["get", "set"]) {
      test(`C32: ${how} storage of one's own whose ${fail} fails is replaced by memory, with one warning`, async () => {
        const { server, storage, heard, open } = world(slow);
        storage.fail = fail;
        const client = open();
        await client.setTokens(server.tokens());
        equal(await client.getAccessToken(force), "a1");
        storage.fail = "";
        equal(await client.getAccessToken(force), "a2");
        equal(heard.filter((event) => event === "warning").length, 1);
        await storage.quiet();
        // What was refused is stored once it can be; nobody knows whose tokens were not read.
        equal(storage.items.size, fail === "set" ? 1 : 0);
        client.dispose();
      });
    }

    test(`C44: ${how} storage of one's own that loses its last write costs nobody the session`, async () => {
      const { server, storage, open } = world(slow);
      const first = open();
      await first.setTokens(server.tokens());
      const before = storage.items.get("evertoken");
      equal(await first.getAccessToken(force), "a1");
      first.dispose();
      await sleep(20);
      storage.items.set("evertoken", before);
      const client = open();
      equal(await client.getAccessToken(force), "a1");
      equal(server.posts[0].get("attempt"), server.posts[1].get("attempt"));
      client.dispose();
    });

    test(`C24, C32: ${how} storage of one's own that fails for a moment brings nobody back`, async () => {
      const { server, storage, open } = world(slow, { host: { channel: () => undefined } });
      const [one, other] = [open(), open()];
      await one.setTokens(server.tokens());
      while (other.getSnapshot().status !== "active") await sleep(2);
      storage.watching.clear();
      await one.signOut();
      storage.fail = "get once";
      equal(await other.getAccessToken(force), "a1");
      await storage.quiet();
      equal(storage.items.size, 0);
      one.dispose();
      other.dispose();
    });

    // Locks that nobody ever gets, and a channel that says nothing: what storage tells is all there is.
    const deaf = {
      locks: { request: () => new Promise(() => {}) },
      channel: () => ({ postMessage: () => {}, close: () => {} }),
    };
    for (const host of [{}, deaf]) {
      test(`C2, C3: clients over ${how} storage of one's own go on with one session${host === deaf ? ", without locks" : ""}`, async () => {
        const { server, storage, heard, open } = world(slow, { host, lockWait: host === deaf ? 0.02 : 5 });
        const clients = [open(), open(), open()];
        await clients[0].setTokens(server.tokens());
        for (const client of clients) while (client.getSnapshot().status !== "active") await sleep(2);
        for (let round = 1; round <= 5; round++) {
          const tokens = await Promise.all(clients.map((client) => client.getAccessToken(force)));
          same([...new Set(tokens)], [`a${round}`]);
          for (const client of clients) while (client.getSnapshot().generation <= round) await sleep(2);
          // Nobody could keep writers apart who have neither locks nor a storage that compares before it sets.
          await storage.quiet();
        }
        ok(!heard.includes("ended") && !heard.includes("warning"), String(heard));
        ok(storage.watching.size === 3, "each is told of changes");
        await clients[1].signOut();
        equal(storage.items.size, 0);
        for (const client of clients) while (!client.getSnapshot().endReason) await sleep(2);
        // Whoever is only told that something changed finds the session gone, and nobody says why.
        const reasons = clients.map((client) => client.getSnapshot().endReason);
        same(reasons, host === deaf ? ["storage", "signedOut", "storage"] : ["signedOut", "signedOut", "signedOut"]);
        for (const client of clients) client.dispose();
        equal(storage.watching.size, 0);
      });
    }
  }

  test("what is no storage is refused", async () => {
    for (const storage of [{}, { get: () => null, set: () => {} }, "indexeddb", 7, null]) {
      await refused(evertoken.createClient({ tokenEndpoint: "https://issuer.example/token", storage }).ready, { code: "ERR_OPTIONS", option: "storage" });
    }
  });
};
