// What a client must do in a page when everybody asks at once, handlers misbehave or its user looks elsewhere.

import { equal, ok, refused, same } from "./check.mjs";
import { EVENTS, serverOf } from "./client.mjs";

const force = { forceRefresh: true };
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any }} runtime  of a page */
export const testPages = ({ test, evertoken }) => {
  const page = async (key, options) => {
    const server = serverOf();
    const heard = [];
    const client = evertoken.createClient({ tokenEndpoint: "/token", storageKey: key, host: { fetch: server.fetch }, ...options });
    for (const event of EVENTS) client.on(event, () => heard.push(event));
    await client.setTokens(server.tokens());
    return { server, client, heard };
  };
  const down = () => new Response("{}", { status: 503 });

  test("C9: 429 with Retry-After is obeyed, and the token served meanwhile", async () => {
    const { server, client, heard } = await page("c9");
    server.next.push(() => new Response("{}", { status: 429, headers: { "retry-after": "30" } }));
    const { retryAfter } = await refused(client.getAccessToken(force), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true });
    ok(retryAfter >= 29, `it says ${retryAfter}`);
    for (let call = 0; call < 20; call++) equal(await client.getAccessToken(), "a0");
    equal(server.posts.length, 1);
    same(heard, ["signedIn", "refreshDeferred"]);
    client.dispose();
  });

  test("C11: a thousand calls of an outage are one request", async () => {
    const { server, client } = await page("c11");
    server.next.push(down);
    await refused(client.getAccessToken(force), { code: "ERR_REFRESH_UNAVAILABLE" });
    const all = await Promise.allSettled(Array.from({ length: 1_000 }, () => client.getAccessToken(force)));
    ok(all.every(({ status }) => status === "rejected"), "no token came from nowhere");
    equal(server.posts.length, 1);
    client.dispose();
  });

  test("C17: a token that lives for 30 days is left in peace, by a timer that the browser can keep", async () => {
    const delays = [];
    const server = serverOf();
    const host = { fetch: server.fetch, setTimeout: (run, delay) => (delays.push(delay), setTimeout(run, delay)), clearTimeout: (timer) => clearTimeout(timer) };
    const client = evertoken.createClient({ tokenEndpoint: "/token", storageKey: "c17", host });
    await client.setTokens(server.tokens(30 * 86_400));
    equal(await client.getAccessToken(), "a0");
    // What is longer than 31 bits fires at once.
    ok(delays.length > 0 && delays.every((delay) => delay <= 2 ** 31 - 1), String(delays));
    ok(Math.max(...delays) > 86_400_000, `nothing is due within a day: ${delays}`);
    await sleep(50);
    equal(server.posts.length, 0);
    client.dispose();
  });

  test("C20: an API that answers 401 whatever the token is asked twice, and its answer returned", async () => {
    const { server, client } = await page("c20");
    const own = server.fetch;
    client.dispose();
    let asked = 0;
    const refusing = (input, init) => {
      if (new URL(new Request(input, init).url).pathname !== "/me") return own(input, init);
      asked++;
      return new Response("no", { status: 401 });
    };
    const other = evertoken.createClient({ tokenEndpoint: "/token", storageKey: "c20", host: { fetch: refusing } });
    const answer = await other.fetch("/me");
    same([answer.status, await answer.text(), asked, server.posts.length], [401, "no", 2, 1]);
    other.dispose();
  });

  test("C21: twenty requests that wait for a refresh that fails all settle", async () => {
    const { server, client } = await page("c21");
    server.next.push(down);
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => client.getAccessToken(force)));
    same([...new Set(all.map(({ reason }) => reason?.code))], ["ERR_REFRESH_UNAVAILABLE"]);
    equal(server.posts.length, 1);
    client.dispose();
  });

  test("C26: a handler may ask for a token itself", async () => {
    const { client } = await page("c26");
    const asked = new Promise((done) => {
      const off = client.on("refreshed", () => (off(), done(client.getAccessToken(force))));
    });
    equal(await client.getAccessToken(force), "a1");
    equal(await asked, "a2");
    client.dispose();
  });

  test("C27: focus and blur change nothing while the token is valid", async () => {
    const { server, client, heard } = await page("c27");
    const snapshot = client.getSnapshot();
    for (let round = 0; round < 20; round++) {
      for (const event of ["blur", "focus"]) dispatchEvent(new Event(event));
      document.dispatchEvent(new Event("visibilitychange"));
    }
    await sleep(50);
    ok(client.getSnapshot() === snapshot, "the snapshot is another one");
    same([server.posts.length, heard], [0, ["signedIn"]]);
    client.dispose();
  });

  test("C36: what a page logs, hears and tells other tabs holds no token", async () => {
    const said = [];
    const listening = new BroadcastChannel("evertoken:c36");
    listening.onmessage = ({ data }) => said.push(data);
    const { server, client } = await page("c36", { debug: (line) => said.push(line) });
    client.on("refreshed", (detail) => said.push(detail));
    client.on("refreshDeferred", (detail) => said.push(detail));
    server.tokens = () => ({ access_token: `secret-a${server.generation}`, refresh_token: `secret-r${server.generation}`, expires_in: 300 });
    await client.setTokens(server.tokens());
    equal(await client.getAccessToken({ minValidity: 0 }), "secret-a0");
    server.next.push(down);
    said.push(await client.getAccessToken(force).catch((error) => [error.message, error.stack, { ...error }]));
    await sleep(50);
    listening.close();
    ok(said.length > 5 && !JSON.stringify(said).includes("secret"), JSON.stringify(said));
    client.dispose();
  });
};
