// The demo's edge: signs its users in, renews and revokes their tokens, changes their roles, and guards one API.

import { createIssuer, isTokenError } from "evertoken/edge";
import { durableObjectStore, EvertokenStore } from "evertoken/stores/durable-object";
import { accountFor } from "./accounts.js";
import { deviceName } from "./device.js";
import { bearerToken, json, readStrings, unauthorized } from "./http.js";
import { ROLES, roleOf, setRole } from "./roles.js";

export { EvertokenStore };

/** The one client there is: the page. */
const CLIENT_ID = "demo-page";

/** What this worker answers itself; the rest is the issuer's or nobody's. */
const routes = {
  "/api/sign-in": { POST: signIn },
  "/api/me": { GET: me },
  "/api/role": { POST: changeRole },
};

export default {
  /** @param {Request} request */
  async fetch(request, env, ctx) {
    try {
      const store = durableObjectStore(env.SESSIONS);
      return await answer(request, openIssuer(env, store), store, ctx);
    } catch (error) {
      return failure(error);
    }
  },
};

async function answer(request, issuer, store, ctx) {
  const route = routes[new URL(request.url).pathname];
  if (route) {
    const handler = route[request.method];
    return handler ? handler(request, issuer, store) : json(405, { error: "method_not_allowed" }, { allow: Object.keys(route).join(", ") });
  }
  const ip = request.headers.get("cf-connecting-ip") ?? undefined;
  const answered = await issuer.handle(request, { ip, waitUntil: (work) => ctx.waitUntil(work) });
  return answered ?? json(404, { error: "not_found" });
}

// Cheap enough for every request: keys are imported once per isolate.
function openIssuer(env, store) {
  return createIssuer({
    issuer: env.ISSUER,
    audience: env.AUDIENCE,
    signingKeys: [JSON.parse(env.SIGNING_KEY)],
    secrets: [env.REFRESH_SECRET],
    store,
    clients: { [CLIENT_ID]: {} },
    accessTokenTtl: Number(env.ACCESS_TOKEN_TTL),
    refreshToken: { grace: Number(env.REFRESH_GRACE) },
    // Asked at every issue and refresh, so a role that changes is in the next token.
    claims: async ({ subject }) => ({ role: await roleOf(store, subject) }),
    onEvent: (event) => console.log(JSON.stringify(event)),
  });
}

async function signIn(request, issuer) {
  const credentials = await readStrings(request, "username", "password");
  if (!credentials) return json(400, { error: "invalid_request", error_description: 'Send JSON: {"username": …, "password": …}' });

  const account = await accountFor(credentials);
  if (!account) return json(401, { error: "access_denied", error_description: "No account has this name and password" });

  const userAgent = request.headers.get("user-agent") ?? "";
  return json(
    200,
    await issuer.issue({
      subject: account.subject,
      clientId: CLIENT_ID,
      claims: { name: account.name },
      device: { label: deviceName(userAgent), userAgent },
    }),
  );
}

function me(request, issuer) {
  return withClaims(request, issuer, async (claims) => json(200, claims));
}

function changeRole(request, issuer, store) {
  return withClaims(request, issuer, async ({ sub }) => {
    const { role } = (await readStrings(request, "role")) ?? {};
    if (!ROLES.includes(role)) return json(400, { error: "invalid_request", error_description: `Send JSON: {"role": ${ROLES.map((role) => `"${role}"`).join(" or ")}}` });
    await setRole(store, sub, role);
    // From here on every older access token is stale: the API refuses it, and the page renews it.
    await issuer.bumpPermissions(sub);
    return json(200, { role });
  });
}

async function withClaims(request, issuer, work) {
  const token = bearerToken(request);
  if (!token) return unauthorized();
  try {
    // "session": a token whose session was ended is refused at once, however long it would have lived.
    const { claims } = await issuer.verifier({ revocation: "session" }).verify(token);
    return await work(claims);
  } catch (error) {
    if (isTokenError(error) && !error.retryable) return unauthorized(error);
    throw error;
  }
}

function failure(error) {
  if (isTokenError(error) && error.retryable) {
    return json(503, { error: "temporarily_unavailable" }, { "retry-after": String(error.retryAfter ?? 1) });
  }
  console.error(error);
  return json(500, { error: "server_error" });
}
