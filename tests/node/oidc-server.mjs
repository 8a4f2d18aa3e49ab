// oidc-provider over real HTTP: an issuer that knows nothing of attempts, and an API that takes its access tokens.

import { once } from "node:events";
import { createServer } from "node:http";
import { createHash, randomBytes } from "node:crypto";
import { createVerifier, decodeSync } from "../../src/js/node.js";

const CLIENT = "web";
const CALLBACK = "http://127.0.0.1/callback";
const AUDIENCE = "https://api.example";

/** It warns of what is fit for tests only: its own keys, its memory, its pages. */
const quietly = async (run) => {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return await run();
  } finally {
    Object.assign(console, { warn, info });
  }
};

/** A server with access tokens of `life` seconds and refresh tokens that are used once. */
export async function oidcServer({ life = 300 } = {}) {
  const posts = [];
  const api = [];
  const refused = new Set();
  let answer;
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;

  const provider = await quietly(async () => {
    const { Provider } = await import("oidc-provider");
    return new Provider(origin, {
      clients: [{ client_id: CLIENT, token_endpoint_auth_method: "none", application_type: "native", redirect_uris: [CALLBACK], grant_types: ["authorization_code", "refresh_token"] }],
      cookies: { keys: [randomBytes(16).toString("hex")] },
      rotateRefreshToken: true,
      issueRefreshToken: () => true,
      ttl: { AccessToken: life, Grant: 3600, IdToken: 3600, Interaction: 60, RefreshToken: 3600, Session: 3600 },
      interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true, allowedPolicy: () => true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({ scope: "read", audience: AUDIENCE, accessTokenTTL: life, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
        },
      },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    });
  });

  /** Whoever comes is Ann, and agrees to everything. */
  const signIn = async (request, response) => {
    const grant = new provider.Grant({ accountId: "ann", clientId: CLIENT });
    grant.addOIDCScope("openid offline_access");
    grant.addResourceScope(AUDIENCE, "read");
    const grantId = await grant.save();
    await provider.interactionFinished(request, response, { login: { accountId: "ann" }, consent: { grantId } });
  };

  const verifier = createVerifier({ keys: { url: `${origin}/jwks` }, issuer: origin, audience: AUDIENCE, profile: "at+jwt" });
  const asked = async (request, response) => {
    const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
    const status = await verifier.verify(token).then(({ claims }) => (refused.has(claims.jti) ? 401 : 200), () => 401);
    api.push(status);
    response.writeHead(status).end();
  };

  const callback = provider.callback();
  answer = (request, response) => {
    if (request.url === "/me") return asked(request, response);
    if (request.url.startsWith("/sign-in/")) return signIn(request, response);
    if (request.url === "/token") posts.push(request.method);
    return callback(request, response);
  };

  /** Follows redirects with the cookies that come along, as far as the application's own page. */
  const follow = async (url) => {
    const jar = new Map();
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, { redirect: "manual", headers: { cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
        jar.set(name, value);
      }
      const location = response.headers.get("location");
      if (!location) throw new Error(`${url}: ${response.status} ${await response.text()}`);
      url = new URL(location, url).href;
      if (url.startsWith(CALLBACK)) return new URL(url).searchParams;
    }
    throw new Error("it redirects for ever");
  };

  return {
    origin,
    posts,
    api,
    options: { tokenEndpoint: `${origin}/token`, revocationEndpoint: `${origin}/token/revocation`, clientId: CLIENT },
    /** The authorization code flow with PKCE, to its token response. */
    signIn: async () => {
      const proof = randomBytes(32).toString("base64url");
      const parameters = { client_id: CLIENT, response_type: "code", redirect_uri: CALLBACK, scope: "openid offline_access read", prompt: "consent", code_challenge_method: "S256", code_challenge: createHash("sha256").update(proof).digest("base64url") };
      const returned = await follow(`${origin}/auth?${new URLSearchParams(parameters)}`);
      const form = { grant_type: "authorization_code", client_id: CLIENT, redirect_uri: CALLBACK, code_verifier: proof, code: returned.get("code") };
      const response = await fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams(form) });
      posts.length = 0;
      return response.json();
    },
    /** Sends a refresh token as anybody might who has it. */
    refresh: async (token) => (await fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "refresh_token", client_id: CLIENT, refresh_token: token }) })).json(),
    /** The API refuses this token from here on. */
    refuse: (token) => refused.add(decodeSync(token).claims.jti),
    close: () => (verifier.dispose(), server.closeAllConnections(), server.close()),
  };
}
