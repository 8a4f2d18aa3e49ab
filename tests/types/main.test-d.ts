// `evertoken` as its users write it: what must compile, and what must not.

import { createClient, createVerifier, decode, expiresIn, init, isTokenError, TokenError } from "evertoken";
import type { Client, ClientOptions, ErrorCode, Snapshot, TokenInput, Verifier } from "evertoken";

const client: Client = createClient({ tokenEndpoint: "/token", clientId: "web" });
// Bound: they can be taken out and passed on.
const { subscribe, getSnapshot, fetch: authorized } = client;

const token: string | null = await client.getAccessToken({ minValidity: 10 });
const response: Response = await authorized("/api/me", { method: "POST", body: () => "again", skipAuth: false });
await client.setTokens({ access_token: "a", refresh_token: "b", expires_in: 60 });
await client.setTokens((await response.json()) as TokenInput);
await client.signOut();
await client.signOut({ scope: "local" });
await client.signOut({ scope: "others" });
client.activity();

const snapshot: Snapshot = getSnapshot();
const stop: () => void = subscribe(() => {});
const off: () => void = client.on("ended", ({ reason }) => reason === "reuse");
client.on("idleCountdown", ({ endsAt }) => endsAt?.toFixed());
client.on("refreshDeferred", ({ error }) => error.retryAfter?.toFixed());
const role: string | undefined = client.getClaims<{ role: string }>()?.role;

const options: ClientOptions = { refresh: async ({ attempt, signal }) => ({ access_token: attempt + signal.aborted }), storage: "memory" };
createClient(options).dispose();
createClient({
  refreshTokenTransport: "cookie", refreshOnStart: "always", idleTimeout: 900, renewedTokenHeader: "x-token", sessionsEndpoint: "/sessions",
  verify: { keys: { keys: [] }, issuer: "a" }, debug: (line) => line.trim(),
});
// @ts-expect-error a transport that does not exist
createClient({ refreshTokenTransport: "header" });

const verifier: Verifier = createVerifier({ keys: { keys: [] }, issuer: ["a", "b"], audience: "c" });
createVerifier({ keys: { url: "https://id.example.com/jwks", ttl: 60, cooldown: 10, timeout: 2, staleIfError: 0, fetch } });
const { header, claims } = await verifier.verify<{ role: "admin" | "user" }>("token", { audience: "d" });
const admin: boolean = claims.role === "admin" && header.alg !== "none" && claims.exp !== undefined;
{
  using held = createVerifier({ keys: { secret: new Uint8Array(32), alg: "HS256" } });
  held.verifySync("token");
}

await init();
await init(new URL("https://example.com/evertoken_bg.wasm"));
await init(() => fetch("/evertoken_bg.wasm"));
const subject: string | undefined = (await decode("token")).claims.sub;
const left: number | null = await expiresIn("token", { now: () => 0 });

try {
  await verifier.ready;
} catch (error: unknown) {
  if (isTokenError(error)) {
    const code: ErrorCode = error.code;
    const known: TokenError = error;
    if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") console.log(known.claim, known.reason);
  }
}

// @ts-expect-error an option that does not exist
createClient({ tokenEndpoint: "/token", tokenEndPoint: "/token" });
// @ts-expect-error verifying needs keys
createVerifier({ issuer: "a" });
// @ts-expect-error claims are frozen
claims.sub = "somebody else";
createVerifier({ keys: { keys: [] }, cache: false });
createVerifier({ keys: { keys: [] }, cache: 100 });
createVerifier({ keys: { keys: [] }, fallback: () => import("evertoken/edge") });
// @ts-expect-error a function that loads it, not what is loaded
createVerifier({ keys: { keys: [] }, fallback: import("evertoken/edge") });
// @ts-expect-error a number of tokens, or false
createVerifier({ keys: { keys: [] }, cache: true });
// @ts-expect-error no such algorithm
createVerifier({ keys: { kty: "EC" }, algorithms: ["none"] });
// @ts-expect-error no such event
client.on("signedOff", () => {});

export { admin, left, off, role, snapshot, stop, subject, token };
