// The demo's edge: signs its users in, renews and revokes their tokens, changes their roles, and guards one API.

import { isTokenError } from "evertoken/edge";
import { durableObjectStore, EvertokenStore } from "evertoken/stores/durable-object";
import { accountFor } from "./accounts.js";
import { deviceName } from "./device.js";
import { eventsOf } from "./events.js";
import { ordered } from "./faults.js";
import { bearerToken, json, readStrings, unauthorized } from "./http.js";
import { CLIENT_ID, openIssuer } from "./issuer.js";
import { ROLES, setRole } from "./roles.js";
import { signingKeys, signWith } from "./signing.js";

export { EvertokenStore };

/** What this worker answers itself; the rest is the issuer's or nobody's. */
const routes = {
  "/api/sign-in": { POST: signIn },
  "/api/me": { GET: me },
  "/api/role": { POST: changeRole },
  "/api/key": { POST: changeKey },
  "/api/events": { GET: events },
};

export default {
  /** @param {Request} request */
  async fetch(request, env, ctx) {
    try {
      const { answer, now } = ordered(request, env);
      if (answer) return answer;
      const store = durableObjectStore(env.SESSIONS);
      const waitUntil = (work) => ctx.waitUntil(work);
      const keys = await signingKeys(env, store);
      return await answered(request, { store, keys, waitUntil, issuer: openIssuer(env, store, { keys, now, waitUntil }) });
    } catch (error) {
      return failure(error);
    }
  },
};

/** @param {Request} request */
async function answered(request, edge) {
  const route = routes[new URL(request.url).pathname];
  if (route) {
    const handler = route[request.method];
    return handler ? handler(request, edge) : json(405, { error: "method_not_allowed" }, { allow: Object.keys(route).join(", ") });
  }
  const ip = request.headers.get("cf-connecting-ip") ?? undefined;
  const response = await edge.issuer.handle(request, { ip, waitUntil: edge.waitUntil });
  return response ?? json(404, { error: "not_found" });
}

async function signIn(request, { issuer }) {
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

function me(request, { issuer }) {
  return withClaims(request, issuer, async (claims) => json(200, claims));
}

function changeRole(request, { issuer, store }) {
  return withClaims(request, issuer, async ({ sub }) => {
    const { role } = (await readStrings(request, "role")) ?? {};
    if (!ROLES.includes(role)) return json(400, { error: "invalid_request", error_description: `Send JSON: {"role": ${ROLES.map((role) => `"${role}"`).join(" or ")}}` });
    await setRole(store, sub, role);
    // From here on every older access token is stale: the API refuses it, and the page renews it.
    await issuer.bumpPermissions(sub);
    return json(200, { role });
  });
}

function changeKey(request, { issuer, store, keys }) {
  return withClaims(request, issuer, async () => {
    const { kid } = (await readStrings(request, "kid")) ?? {};
    const key = keys.find((key) => key.kid === kid);
    if (!key) return json(400, { error: "invalid_request", error_description: 'Send JSON: {"kid": …}, of a key in /.well-known/jwks.json' });
    await signWith(store, kid);
    return json(200, { kid, alg: key.alg });
  });
}

/** Whoever holds a token may see how its session ended, so an ended one is no reason to refuse. */
function events(request, { issuer, store }) {
  return withClaims(request, issuer, async ({ sid }) => json(200, { events: await eventsOf(store, sid) }), "none");
}

// "session": a token whose session was ended is refused at once, however long it would have lived.
async function withClaims(request, issuer, work, revocation = "session") {
  const token = bearerToken(request);
  if (!token) return unauthorized();
  try {
    const { claims } = await issuer.verifier({ revocation }).verify(token);
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
