// The peers that run in workerd, on the store that each of them is made for: Workers KV.

import { OAuthProvider } from "@cloudflare/workers-oauth-provider";
import { issuer } from "@openauthjs/openauth";
import { CloudflareStorage } from "@openauthjs/openauth/storage/cloudflare";
import { createSubjects } from "@openauthjs/openauth/subject";
import { CLIENT, ORIGIN, refreshed, refreshRequest } from "./issue-material.mjs";

const REDIRECT = "https://app.example/callback";
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** @cloudflare/workers-oauth-provider: opaque tokens, nothing is signed. Signs in through its authorization endpoint. */
export const workersOauthProvider = (env) => {
  const provider = new OAuthProvider({
    apiRoute: `${ORIGIN}/api`,
    apiHandler: { fetch: async () => new Response() },
    authorizeEndpoint: `${ORIGIN}/authorize`,
    tokenEndpoint: `${ORIGIN}/token`,
    resourceMetadata: { resource: `${ORIGIN}/api` },
    defaultHandler: {
      fetch: async (request, { OAUTH_PROVIDER }) => {
        if (request.method === "PUT") return Response.json(await OAUTH_PROVIDER.createClient({ redirectUris: [REDIRECT], tokenEndpointAuthMethod: "none" }));
        const asked = await OAUTH_PROVIDER.parseAuthRequest(request);
        const subject = asked.state;
        const { redirectTo } = await OAUTH_PROVIDER.completeAuthorization({ request: asked, userId: subject, metadata: {}, scope: [], props: { subject } });
        return Response.json({ redirectTo });
      },
    },
  });
  const ask = (request, context) => provider.fetch(request, { OAUTH_KV: env.OAUTH_KV }, context);
  /** @type {string} */
  let client;
  return {
    begin: async (context) => {
      client ??= (await (await ask(new Request(`${ORIGIN}/clients`, { method: "PUT" }), context)).json()).clientId;
    },
    signIn: async (subject, context) => {
      const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
      const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
      const query = new URLSearchParams({ response_type: "code", client_id: client, redirect_uri: REDIRECT, state: subject, scope: "", code_challenge: challenge, code_challenge_method: "S256" });
      const { redirectTo } = await (await ask(new Request(`${ORIGIN}/authorize?${query}`), context)).json();
      const code = new URL(redirectTo).searchParams.get("code");
      const body = new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: REDIRECT, client_id: client, code_verifier: verifier });
      const token = await refreshed(await ask(new Request(`${ORIGIN}/token`, { method: "POST", body }), context));
      return `${client} ${token}`;
    },
    refresh: async (named, context) => {
      const [id, token] = named.split(" ");
      return `${id} ${await refreshed(await ask(refreshRequest(`${ORIGIN}/token`, token, { client_id: id }), context))}`;
    },
  };
};

const subjects = createSubjects({
  user: { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } },
});

/** @openauthjs/openauth: access tokens signed with ES256. Signs in through the grant for clients. */
export const openauth = (env) => {
  const app = issuer({
    subjects,
    // Its default, a minute, comes out as the 59 seconds that Workers KV refuses.
    ttl: { reuse: 120 },
    storage: CloudflareStorage({ namespace: env.OPENAUTH_KV }),
    providers: { bench: { type: "bench", init: () => {}, client: async ({ params }) => ({ subject: params.subject }) } },
    success: (answer, { subject }) => answer.subject("user", { subject }, { subject }),
  });
  const ask = (request, context) => app.fetch(request, env, context);
  return {
    signIn: async (subject, context) => {
      const body = new URLSearchParams({ grant_type: "client_credentials", provider: "bench", client_id: CLIENT, client_secret: "none", subject });
      return refreshed(await ask(new Request(`${ORIGIN}/token`, { method: "POST", body }), context));
    },
    refresh: async (token, context) => refreshed(await ask(refreshRequest(`${ORIGIN}/token`, token), context)),
  };
};
