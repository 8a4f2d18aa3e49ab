// Other people's software on the other side: oauth4webapi as the client, hono/jwt and jose as those who read and write tokens.

import { equal, ok, refused, same } from "./check.mjs";
import { AUDIENCE, ISSUER, world } from "./world.mjs";

const SECRET = "a secret: with + and %, é";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, jose: any, hono: any, oauth: any, makeStore: () => any }} runtime
 */
export const testPeers = (runtime) => {
  const { test, edge, jose, hono, oauth } = runtime;
  // The clock of the host: our peers know no other.
  const open = (options) => world(runtime, { now: undefined, clients: { web: {}, server: { secret: SECRET } }, ...options });

  /** The server as oauth4webapi discovers it, and the option that brings its requests there. */
  const discovered = async (issuer) => {
    const served = { [oauth.customFetch]: async (url, init) => (await issuer.handle(new Request(url, init))) ?? new Response(null, { status: 404 }) };
    const identifier = new URL(ISSUER);
    const response = await oauth.discoveryRequest(identifier, { algorithm: "oauth2", ...served });
    return { server: await oauth.processDiscoveryResponse(identifier, response), served };
  };

  const kinds = {
    "a public client": ["web", () => oauth.None()],
    "a secret in the header": ["server", () => oauth.ClientSecretBasic(SECRET)],
    "a secret in the form": ["server", () => oauth.ClientSecretPost(SECRET)],
  };
  for (const [kind, [clientId, authentication]] of Object.entries(kinds)) {
    test(`I18: oauth4webapi refreshes and revokes, with ${kind}`, async () => {
      const { issuer, signIn } = await open();
      const { server, served } = await discovered(issuer);
      const client = { client_id: clientId };
      const refresh = async (token, more = {}) => {
        const response = await oauth.refreshTokenGrantRequest(server, client, authentication(), token, { ...served, ...more });
        return oauth.processRefreshTokenResponse(server, client, response);
      };
      const tokens = await signIn({ clientId, scope: "read write" });
      const second = await refresh(tokens.refresh_token);
      same([second.token_type, second.scope, second.expires_in > 0], ["bearer", "read write", true]);
      const third = await refresh(second.refresh_token, { additionalParameters: { scope: "read" } });
      equal(third.scope, "read");
      const headers = { authorization: `Bearer ${third.access_token}` };
      const claims = await oauth.validateJwtAccessToken(server, new Request(AUDIENCE, { headers }), AUDIENCE, { ...served, [oauth.clockTolerance]: 0 });
      equal(claims.client_id, clientId);
      const revocation = await oauth.revocationRequest(server, client, authentication(), third.refresh_token, served);
      equal(await oauth.processRevocationResponse(revocation), undefined);
      const error = await refresh(third.refresh_token).catch((error) => error);
      same([error instanceof oauth.ResponseBodyError, error.error, error.status], [true, "invalid_grant", 400]);
    });
  }

  test("I18: oauth4webapi introspects", async () => {
    const { issuer, signIn, subject } = await open();
    const { server, served } = await discovered(issuer);
    const client = { client_id: "server" };
    const ask = async (token) => {
      const response = await oauth.introspectionRequest(server, client, oauth.ClientSecretBasic(SECRET), token, served);
      return oauth.processIntrospectionResponse(server, client, response);
    };
    const tokens = await signIn();
    const { active, sub, client_id, token_type } = await ask(tokens.access_token);
    same([active, sub, client_id, token_type], [true, subject, "web", "Bearer"]);
    await issuer.revoke(tokens.access_token);
    same(await ask(tokens.access_token), { active: false });
    same(await ask("garbage"), { active: false });
  });

  test("I9: oauth4webapi sees its wrong secret as a challenge", async () => {
    const { issuer, signIn } = await open();
    const { server, served } = await discovered(issuer);
    const client = { client_id: "server" };
    const tokens = await signIn({ clientId: "server" });
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.ClientSecretBasic("wrong"), tokens.refresh_token, served);
    const error = await oauth.processRefreshTokenResponse(server, client, response).catch((error) => error);
    same([error instanceof oauth.WWWAuthenticateChallengeError, error.status, error.cause[0].scheme], [true, 401, "basic"]);
  });

  for (const alg of ["ES256", "RS256", "EdDSA", "HS256"]) {
    test(`I1: jose and hono/jwt accept what is made with ${alg}, at once, and we what they sign`, async () => {
      const key = await edge.generateKey(alg, { kid: "one" });
      const { issuer, signIn } = await open({ signingKeys: [key] });
      const { access_token } = await signIn({ claims: { role: "admin" } });
      const known = alg === "HS256" ? key : (await issuer.jwks()).keys[0];
      const shared = alg === "HS256" && Uint8Array.from(atob(key.k.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
      // As text, hono/jwt takes a secret by its UTF-8: bytes reach it as a JWK alone.
      const honoKey = shared ? { kty: "oct", k: key.k, alg } : known;
      equal((await hono.verify(access_token, honoKey, { alg, typ: "at+jwt", iss: ISSUER, aud: AUDIENCE })).role, "admin");
      const { payload } = await jose.jwtVerify(access_token, shared || (await jose.importJWK(known, alg)), { issuer: ISSUER, audience: AUDIENCE, clockTolerance: 0 });
      equal(payload.role, "admin");

      const { verify } = edge.createVerifier({ keys: known, issuer: ISSUER, clockTolerance: 0 });
      const now = Math.floor(Date.now() / 1000);
      const theirs = { iss: ISSUER, iat: now, nbf: now, exp: now + 60, role: "guest" };
      equal((await verify(await hono.sign(theirs, { ...key, alg }, alg))).claims.role, "guest");
      const signed = new jose.SignJWT(theirs).setProtectedHeader({ alg, kid: "one" });
      equal((await verify(await signed.sign(shared || (await jose.importJWK(key, alg))))).claims.role, "guest");
      const over = new jose.SignJWT({ ...theirs, exp: now - 1 }).setProtectedHeader({ alg, kid: "one" });
      await refused(verify(await over.sign(shared || (await jose.importJWK(key, alg)))), { code: "ERR_JWT_EXPIRED" });
    });
  }

  test("I1: a token is accepted in the very second it is made, by a clock that rounds down", async () => {
    const { issuer, signIn } = await open();
    const keys = jose.createLocalJWKSet(await issuer.jwks());
    for (let n = 0; n < 20; n++) {
      const { access_token } = await signIn();
      const { payload } = await jose.jwtVerify(access_token, keys, { clockTolerance: 0, maxTokenAge: 60 });
      ok(payload.iat <= Date.now() / 1000, "iat is ahead");
    }
  });
};
