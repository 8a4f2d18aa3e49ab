// The client against an issuer without refresh tokens, and against one without a store, each on one virtual clock.

import { equal, ok, same } from "./check.mjs";
import { virtual } from "./virtual.mjs";

const ORIGIN = "https://auth.example";
const oneToken = { renewedTokenHeader: "renewed-token", origins: [ORIGIN] };
const stateless = { refreshToken: "stateless", secrets: ["0123456789abcdef0123456789abcdef"] };
/** Nobody else is there to take turns with: turns would be given by the host's clock. */
const refreshing = { crossTab: false, tokenEndpoint: `${ORIGIN}/token`, revocationEndpoint: `${ORIGIN}/revoke`, clientId: "web" };

/** @param {{ test: (name: string, run: () => Promise<void>) => unknown, evertoken: any, edge: any }} runtime */
export const testModes = ({ test, evertoken, edge }) => {
  /** An issuer, an API on two origins that asks it who sends a request, and signed-in clients on one storage. */
  const scenario = (name, issuerOptions, clientOptions, run) =>
    test(name, async () => {
      /** Tokens that the API's next answers bring, whoever asks. */
      const planted = [];
      const [events, asked, ended, clients] = [[], [], [], []];
      const clock = virtual(async (request) => {
        asked.push(new URL(request.url).pathname);
        return (await issuer.handle(request)) ?? api(request);
      });
      const issuer = edge.createIssuer({
        issuer: ORIGIN, audience: "api", signingKeys: [await edge.generateKey("ES256")], now: clock.now, onEvent: ({ type }) => events.push(type), ...issuerOptions,
      });
      const api = async (request) => {
        if (planted.length > 0) return Response.json({}, { headers: { "renewed-token": planted.shift() } });
        const known = await issuer.authenticate(request);
        return known ? Response.json(known.claims, { headers: known.headers }) : new Response(null, { status: 401 });
      };
      const kept = new Map();
      const storage = { get: (name) => kept.get(name) ?? null, set: (name, value) => void kept.set(name, value), remove: (name) => void kept.delete(name) };
      const open = () => {
        // Another tab's client hears of what is stored by the channel, as in any page.
        const client = evertoken.createClient({ storage, storageKey: "modes", host: clock.host, ...clientOptions });
        client.on("ended", ({ reason }) => ended.push(reason));
        clients.push(client);
        return client;
      };
      const signIn = async (client) => {
        const tokens = await issuer.issue({ subject: "ann", clientId: "web" });
        await client.setTokens(tokens);
        return tokens;
      };
      const ask = async (client, url = `${ORIGIN}/api`) => (await client.fetch(url)).json();
      try {
        await run({ issuer, open, signIn, ask, clock, planted, events, asked, ended });
      } finally {
        for (const client of clients) client.dispose();
      }
    });

  scenario("C39, C54, I16: in one-token mode a token near its end is renewed by the request that it is sent with, for all tabs", { refreshToken: false }, oneToken, async (world) => {
    const { issuer, open, signIn, ask, clock, asked, ended } = world;
    const [one, two] = [open(), open()];
    const first = await signIn(one);
    const heard = async () => {
      while (two.getSnapshot().expiresAt !== one.getSnapshot().expiresAt) await clock.settled();
    };
    await heard();
    const old = (await ask(one)).jti;
    equal(one.getClaims().jti, old, "early");
    for (let round = 1; round <= 5; round++) {
      await clock.pass(230);
      const { jti, sid } = await ask(one);
      equal(one.getClaims().jti, jti, "the request counted as the renewed token already");
      same([sid, jti === old], [first.session_id, false]);
      await heard();
      equal(await two.getAccessToken(), await one.getAccessToken());
      await issuer.verifier().verify(await one.getAccessToken());
    }
    const last = await one.getAccessToken();
    await clock.pass(230);
    // Two tabs at once get one successor, and an answer to the first token comes late.
    const [left, right] = await Promise.all([ask(one), ask(two)]);
    equal(left.jti, right.jti);
    equal(one.getClaims().jti, left.jti);
    ok((await one.getAccessToken()) !== last, "it was renewed");
    await one.fetch(`${ORIGIN}/api`, { headers: { authorization: `Bearer ${last}` }, skipAuth: true });
    equal(one.getClaims().jti, left.jti);
    same([asked.includes("/token"), ended], [false, []]);
  });

  scenario("C54: a token renewed for another session, or sent by an origin that may not have it, is not taken", { refreshToken: false }, oneToken, async (world) => {
    const { issuer, open, signIn, ask, clock, planted } = world;
    const client = open();
    await signIn(client);
    const own = await client.getAccessToken();
    const other = await issuer.issue({ subject: "ann", clientId: "web" });
    await clock.pass(240);
    const renewed = async (token) => (await issuer.renew(token)).access_token;
    planted.push(await renewed(other.access_token), await renewed(own));
    await ask(client);
    await ask(client, "https://elsewhere.example/api");
    equal(await client.getAccessToken(), own);
    planted.push(await renewed(own));
    await ask(client);
    ok((await client.getAccessToken()) !== own, "its own was taken");
  });

  scenario("I17: with a stateless issuer a client renews, also what was copied, and signs out for itself", stateless, refreshing, async (world) => {
    const { issuer, open, signIn, clock, events, asked, ended } = world;
    const client = open();
    const first = await signIn(client);
    for (let round = 0; round < 3; round++) {
      await clock.pass(290);
      await issuer.verifier().verify(await client.getAccessToken());
      await issuer.refresh(first.refresh_token, { clientId: "web" });
    }
    same([client.getSnapshot().generation, client.getClaims().sid], [4, first.session_id]);
    await client.signOut();
    equal(await client.getAccessToken(), null);
    same([asked.at(-1), ended], ["/revoke", ["signedOut"]]);
    equal(events.filter((type) => type === "stateless").length, 1);
  });

  scenario("I10, I17: at the absolute end of a stateless session its client is told", stateless, refreshing, async ({ open, signIn, clock, ended }) => {
    const client = open();
    await signIn(client);
    for (let hour = 0; hour < 25; hour++) await clock.pass(3600);
    equal(await client.getAccessToken().catch(({ code }) => code), null);
    same(ended, ["expired"]);
  });
};
