// `evertoken/edge` and its stores as their users write them.

import { challenge, createAttemptLimiter, createIssuer, createSigner, createVerifier, generateKey, isTokenError, publicJwk, thumbprint } from "evertoken/edge";
import type { Grant, Issuer, Jwk, Store, TokenResponse } from "evertoken/edge";
import { isTokenError as sameIsTokenError } from "evertoken";
import { testStore } from "evertoken/stores/contract";
import { d1Migration, d1Store } from "evertoken/stores/d1";
import { denoKvStore } from "evertoken/stores/deno-kv";
import { durableObjectStore, EvertokenStore } from "evertoken/stores/durable-object";
import { memoryStore } from "evertoken/stores/memory";
import { redisStore } from "evertoken/stores/redis";

declare const env: { SESSIONS: { idFromName(name: string): object; get(id: object): object }; KEY: Jwk };

const issuer: Issuer = createIssuer({
  issuer: "https://id.example.com",
  audience: ["https://api.example.com"],
  signingKeys: [env.KEY, await generateKey("EdDSA", { kid: "next" })],
  secrets: ["0123456789abcdef0123456789abcdef", new Uint8Array(32)],
  store: durableObjectStore(env.SESSIONS),
  accessTokenTtl: 300,
  clients: { web: {}, server: { secret: "a secret of its own", audience: ["a"], refreshToken: { idleTtl: 60 } } },
  cors: { origins: ["https://app.example"] },
  cookie: { name: "sid", sameSite: "lax" },
  paths: { metadata: "/metadata" },
  refreshToken: { idleTtl: 3600, absoluteTtl: 7200, grace: 10 },
  claims: async ({ subject, session }) => ({ role: subject.length > 3 ? "admin" : session.clientId }),
  onEvent: ({ type, at }) => console.log(type, at),
});

export { EvertokenStore };
export default {
  async fetch(request: Request): Promise<Response> {
    const { verify } = issuer.verifier({ revocation: "deny-list", staleness: 2, clockTolerance: 0 });
    const { claims } = await verify<{ sid: string }>(request.headers.get("authorization") ?? "");
    await issuer.revokeSession(claims.sid);
    const ended: number = await issuer.revokeSubject("u1", { except: claims.sid });
    const [session] = await issuer.sessions("u1");
    await issuer.elevate(session?.id ?? "", { acr: "2", authTime: ended });
    await issuer.bumpPermissions("u1");
    const signedIn = await issuer.authenticate<{ role: string }>(request);
    if (signedIn !== null) return new Response(signedIn.claims.role, { headers: signedIn.headers });
    if (request.method === "POST") return issuer.signInResponse(request, grant, { status: 303 });
    if (request.method === "DELETE") return issuer.signOutResponse(request);
    return (await issuer.handle(request, { ip: "127.0.0.1" })) ?? new Response(null, { status: 404 });
  },
};

const grant: Grant = { subject: "u1", clientId: "web", claims: { name: "Ada" } };
const tokens: TokenResponse = await issuer.issue(grant);
const next: TokenResponse = await issuer.refresh(tokens.refresh_token ?? "", { clientId: "web", attempt: "a" });
await issuer.revoke(next.access_token);
const [first] = (await issuer.jwks()).keys;

const signer = createSigner({ key: env.KEY, issuer: "me", expiresIn: 60 });
const token: string = await signer.sign({ role: "admin" }, { subject: "u1", jwtId: "1" });
const atOnce: string = signer.signSync({});
createVerifier({ keys: publicJwk(env.KEY) }).verifySync(token);

export const guarded = async (request: string): Promise<Response> => {
  const verifier = createVerifier({ keys: env.KEY, profile: "at+jwt", issuer: "i", audience: "a", acrValues: ["mfa"] });
  try {
    await verifier.verify(request, { maxAuthAge: 300, nonce: "n", accessToken: "t" });
    return new Response(null);
  } catch (error) {
    const age: number | undefined = isTokenError(error) ? error.maxAuthAge : undefined;
    const value: string = challenge(error, { realm: String(age), resourceMetadata: "https://api.example/meta" });
    return new Response(null, { status: 401, headers: { "www-authenticate": value } });
  }
};
// @ts-expect-error a profile is one of those that there are
createVerifier({ keys: env.KEY, profile: "jwt" });

const mine: Store = memoryStore();
testStore(() => mine, { test: (name, run) => [name, run], another: async () => mine, largest: 1000 });

declare const bindings: { DB: { prepare(sql: string): object; batch(all: object[]): Promise<object[]>; exec(sql: string): Promise<object> } };
const stores: Store[] = [
  d1Store(bindings.DB),
  redisStore({ eval: async () => 1, evalSha: async () => 1 }, { prefix: "app:" }),
  redisStore({ eval: async () => 1, evalsha: async () => 1, defineCommand: () => undefined }),
  denoKvStore({ get: async () => ({ value: null, versionstamp: null }), atomic: () => ({}) }, { prefix: "app" }),
];
await bindings.DB.exec(d1Migration);
// @ts-expect-error a key-value namespace cannot compare and set
redisStore({ get: async () => null, put: async () => undefined });

const single = createIssuer({ issuer: "a", audience: "b", signingKeys: [env.KEY], secrets: [], refreshToken: false, renew: { before: 60 } });
createIssuer({ issuer: "a", audience: "b", signingKeys: [env.KEY], refreshToken: false });
createIssuer({ issuer: "a", audience: "b", signingKeys: [env.KEY], secrets: ["b"], refreshToken: "stateless" });
// @ts-expect-error: misspelt
createIssuer({ issuer: "a", audience: "b", signingKeys: [env.KEY], secrets: ["b"], refreshToken: "stateles" });
const renewed: TokenResponse | null = await single.renew("token");
const attempts = createAttemptLimiter({ store: mine, limit: 5, window: 900, lockout: 900 });
await attempts.take("password ada");
await attempts.reset("password ada");
// @ts-expect-error a limiter counts in a store
createAttemptLimiter({ limit: 5 });
// @ts-expect-error a refresh says for which client it is
issuer.refresh("token", {});
// @ts-expect-error a store that cannot compare and set cannot keep sessions
const weak: Store = { capabilities: { compareAndSet: false }, get: mine.get, compareAndSet: mine.compareAndSet };
// @ts-expect-error a shared secret is no signing key of an issuer
createIssuer({ issuer: "a", audience: "b", signingKeys: ["secret"], secrets: [], store: mine });

export { stores, atOnce, first, isTokenError, sameIsTokenError, thumbprint, weak, renewed };
