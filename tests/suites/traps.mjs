// A wasm instance that traps is replaced at the next call, with what storage holds (C49).

import { equal, ok, same } from "./check.mjs";
import { virtual } from "./virtual.mjs";

const ORIGIN = "https://auth.example";
const force = { forceRefresh: true };

/** Unpadded, as the parts of a token are. */
const base64url = (value) => btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, glue: any }} runtime  `glue`: of
 *   the module that its clients run in
 */
export const testTraps = ({ test, evertoken, glue }) => {
  /** Leaves the instance as a failure in its midst could: all is borrowed, and all pointers lead nowhere, so the next use traps. */
  const spoil = () => new Uint8Array(glue.initSync().memory.buffer).fill(1);

  /** A server that rotates, and repeats the last answer; `hold` keeps the next refresh waiting. */
  const signedIn = async () => {
    const server = { generation: 0, posts: [], revoked: 0, api: [], hold: undefined };
    const tokens = () => ({
      access_token: `${base64url({ alg: "none" })}.${base64url({ sub: "ann", jti: `a${server.generation}` })}.AA`,
      refresh_token: `r${server.generation}`, expires_in: 300,
    });
    const clock = virtual(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/revoke") return server.revoked++, Response.json({});
      if (pathname === "/me") return server.api.push(request.headers.get("authorization")), Response.json({});
      const form = new URLSearchParams(await request.text());
      server.posts.push(form);
      if (form.get("refresh_token") === `r${server.generation}`) server.generation++;
      const { hold } = server;
      server.hold = undefined;
      await hold;
      return Response.json(tokens());
    });
    const client = evertoken.createClient({
      tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, origins: [ORIGIN], storage: "memory", host: clock.host,
    });
    await client.setTokens(tokens());
    return { client, server, tokens, clock };
  };
  const me = (client) => client.fetch(`${ORIGIN}/me`);

  test("C49: the next call works on a fresh instance, with what is stored", async () => {
    const { client, server, tokens } = await signedIn();
    await client.getAccessToken(force);
    const { access_token: token } = tokens();
    for (const call of [
      () => client.getAccessToken(),
      () => me(client).catch(({ code, retryable }) => same([code, retryable], ["ERR_NOT_READY", true])),
      () => client.setTokens(tokens()),
      () => client.getClaims(),
    ]) {
      spoil();
      await call();
      equal(await client.getAccessToken(), token);
      equal((await me(client)).status, 200);
      equal(client.getClaims().sub, "ann");
    }
    equal(server.posts.length, 1);
    ok(server.api.every((authorization) => authorization === `Bearer ${token}`), "a request lost its token");
    spoil();
    await client.signOut();
    equal(server.revoked, 1);
    equal(await client.getAccessToken(), null);
    client.dispose();
  });

  test("C49: whoever waits for a refresh is served by the next session, with the same attempt", async () => {
    const { client, server, tokens } = await signedIn();
    let go;
    server.hold = new Promise((resolve) => (go = resolve));
    const waiting = client.getAccessToken(force);
    while (server.posts.length === 0) await new Promise((done) => setTimeout(done, 5));
    spoil();
    const other = client.getAccessToken(force);
    go();
    const both = await Promise.all([waiting, other]);
    same(both, [tokens().access_token, tokens().access_token]);
    const [first, second] = server.posts.map((form) => form.get("attempt"));
    equal(first, second);
    equal(client.getSnapshot().status, "active");
    client.dispose();
  });

  test("C49: a timer that fires into a spoilt instance breaks nothing", async () => {
    const { client, server, tokens, clock } = await signedIn();
    spoil();
    await clock.pass(300);
    equal(server.posts.length, 0);
    equal(await client.getAccessToken(), tokens().access_token);
    equal(server.posts.length, 1);
    client.dispose();
  });
};
