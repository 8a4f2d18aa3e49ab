// The client against the issuer, on one virtual clock: what both ends must get right together.

import { equal, ok, refused, same } from "./check.mjs";
import { virtual } from "./virtual.mjs";

const ORIGIN = "https://auth.example";
const force = { forceRefresh: true };

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, edge: any, memoryStore: () => any }} runtime */
export const testIssued = ({ test, evertoken, edge, memoryStore }) => {
  /** An issuer, an API that asks it, and one signed-in client. */
  const world = async ({ verifies, ...options } = {}) => {
    const events = [];
    const posts = [];
    const answers = [];
    /** What becomes of the next refreshes: each gets the request. */
    const faults = [];
    const clock = virtual(async (request) => {
      if (!request.url.endsWith("/token")) return reach(request);
      posts.push(new URLSearchParams(await request.clone().text()));
      const fault = faults.shift();
      return fault ? fault(request) : reach(request);
    });
    const issuer = edge.createIssuer({
      issuer: ORIGIN, audience: "api", signingKeys: [await edge.generateKey("ES256")], secrets: ["0123456789abcdef0123456789abcdef"], store: memoryStore(), now: clock.now,
      onEvent: ({ type }) => events.push(type), ...options,
    });
    const verifier = issuer.verifier({ revocation: "session", ...verifies });
    const api = (request) => {
      const token = request.headers.get("authorization")?.slice(7) ?? "";
      return verifier.verify(token).then(
        ({ claims }) => Response.json(claims),
        (error) => new Response("{}", { status: 401, headers: { "www-authenticate": edge.challenge(error) } }),
      );
    };
    const reach = async (request) => {
      const response = (await issuer.handle(request)) ?? (await api(request));
      if (!request.url.endsWith("/token")) answers.push(response.status);
      return response;
    };
    const heard = [];
    const tokens = await issuer.issue({ subject: "ann", clientId: "web" });
    const client = evertoken.createClient({ tokenEndpoint: `${ORIGIN}/token`, clientId: "web", storage: "memory", origins: [ORIGIN], host: clock.host });
    client.on("ended", ({ reason }) => heard.push(reason));
    await client.setTokens(tokens);
    return { issuer, client, tokens, clock, reach, heard, events, posts, answers, faults, refresh: (token, attempt) => issuer.refresh(token, { clientId: "web", attempt }) };
  };
  const scenario = (name, options, run) =>
    test(name, async () => {
      const made = await world(options);
      try {
        await run(made);
      } finally {
        made.client.dispose();
      }
    });
  const outage = { code: "ERR_REFRESH_UNAVAILABLE", retryable: true };
  const lost = () => Promise.reject(new TypeError("lost"));

  scenario("C8: a token that a thief used again ends the session, once and with its reason", {}, async ({ client, tokens, clock, heard, events, refresh }) => {
    await client.getAccessToken(force);
    await clock.pass(60);
    // The copy was made before the first refresh, and the attempt was not in it.
    await refused(refresh(tokens.refresh_token), { code: "ERR_REFRESH_REUSED" });
    await refused(client.getAccessToken(force), { code: "ERR_REFRESH_REUSED", retryable: false });
    same(heard, ["reuse"]);
    equal(client.getSnapshot().endReason, "reuse");
    equal(await client.getAccessToken().catch(({ code }) => code), null);
    ok(events.includes("reuse"), "the server told of it");
  });

  test("C38: a token made stale by changed permissions is renewed, and the request sent again with the new claims", async () => {
    let role = "reader";
    const { client, issuer, posts } = await world({ claims: () => ({ role }) });
    const ask = async () => (await client.fetch(`${ORIGIN}/api`)).json();
    equal((await ask()).role, "reader");
    role = "writer";
    await issuer.bumpPermissions("ann");
    equal((await ask()).role, "writer");
    equal(client.getClaims().role, "writer");
    equal(posts.length, 1);
    client.dispose();
  });

  scenario("C42: a refresh that a proxy delivers ten minutes after it timed out signs nobody out", {}, async ({ client, clock, reach, heard, events, faults }) => {
    let late;
    faults.push(async (request) => void (late = () => reach(request)));
    const waiting = refused(client.getAccessToken(force), outage);
    await clock.settled();
    await clock.pass(16);
    await waiting;
    for (let minute = 0; minute < 10; minute++) await clock.pass(60);
    const before = client.getSnapshot().generation;
    ok(before >= 2, "it went on meanwhile");
    const answer = await late();
    same([answer.status, (await answer.json()).code], [400, "superseded"]);
    await client.getAccessToken(force);
    equal(client.getSnapshot().generation, before + 1);
    same(heard, []);
    ok(events.includes("superseded") && !events.includes("reuse"), String(events));
  });

  scenario("C43: a thief two generations ahead is found out by the one request without an attempt, even where its answer is lost", {}, async ({ client, tokens, clock, reach, heard, posts, faults, refresh }) => {
    const stolen = await refresh(tokens.refresh_token, "a-thief-who-has-copied-it");
    await refresh(stolen.refresh_token, "another-attempt-of-the-thief");
    const waiting = refused(client.getAccessToken(force), outage);
    await clock.settled();
    equal(posts.length, 1);
    await clock.pass(6);
    await waiting;
    faults.push((request) => reach(request).then(lost));
    for (let second = 0; second < 120 && heard.length === 0; second += 10) {
      await client.getAccessToken(force).catch(() => {});
      await clock.pass(10);
    }
    ok(posts[0].has("attempt") && !posts[1].has("attempt"), "the second had an attempt");
    same(heard, ["reuse"]);
  });

  scenario("C45: an answer lost on Friday is asked for again on Monday, and is the same", {}, async ({ client, clock, reach, heard, events, posts, faults }) => {
    let missed;
    faults.push(async (request) => ((missed = await (await reach(request)).json()), lost()));
    await refused(client.getAccessToken(force), { retryable: true });
    await clock.pass(3 * 86_400);
    const token = await client.getAccessToken();
    equal(posts[0].get("attempt"), posts[1].get("attempt"));
    ok(token !== missed.access_token, "it was over by then");
    equal(posts[2].get("refresh_token"), missed.refresh_token);
    same([heard, events.includes("reuse")], [[], false]);
  });

  scenario("C50: an API that asks for a sign-in of today gets none of the client's doing: its answer is the caller's", { verifies: { maxAuthAge: 3_600 } }, async ({ client, clock, posts, answers }) => {
    equal((await client.fetch(`${ORIGIN}/api`)).status, 200);
    await clock.pass(4_000);
    await client.getAccessToken();
    const before = posts.length;
    const response = await client.fetch(`${ORIGIN}/api`);
    same([response.status, answers, posts.length], [401, [200, 401], before]);
    ok(/error="insufficient_user_authentication".*max_age="3600"/.test(response.headers.get("www-authenticate")), "the challenge came along");
  });
};
