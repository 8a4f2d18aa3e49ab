// A token endpoint and an API over real HTTP, with the faults that the tests ask for.

import { createServer } from "node:http";
import { once } from "node:events";

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An access token that nobody signed: the client reads it and never verifies it. */
export const accessToken = (claims) => `${base64url({ alg: "none" })}.${base64url(claims)}.AA`;

/**
 * Rotates as an issuer does: one live generation, the same successor for the same attempt.
 * `fault(name, count)` may answer instead: "drop" (commit and say nothing) or `{ status, body, headers }`.
 */
export async function tokenServer({ expiresIn = 300, fault = () => undefined } = {}) {
  const seen = { token: [], revoke: [], api: [] };
  let generation = 0;
  let ended = false;
  let attempt;

  const tokens = () => ({
    access_token: accessToken({ sub: "ann", jti: `a${generation}`, iat: 1e9, exp: 1e9 + expiresIn }),
    token_type: "Bearer",
    expires_in: expiresIn,
    refresh_token: `r${generation}`,
    session_id: "h.s",
    generation,
  });

  const refresh = (form) => {
    const given = Number(form.get("refresh_token")?.slice(1));
    if (ended) return [400, { error: "invalid_grant", code: "revoked" }];
    if (given === generation) {
      generation++;
      attempt = form.get("attempt");
    } else if (given !== generation - 1 || form.get("attempt") !== attempt) {
      ended = true;
      return [400, { error: "invalid_grant", code: "reuse" }];
    }
    return [200, tokens()];
  };

  const answer = (request, body) => {
    const form = new URLSearchParams(body);
    if (request.url === "/token") {
      seen.token.push(form);
      return refresh(form);
    }
    if (request.url === "/revoke") {
      seen.revoke.push(form);
      ended = true;
      return [200, {}];
    }
    const authorization = request.headers.authorization;
    seen.api.push({ url: request.url, authorization, body, type: request.headers["content-type"] });
    const fresh = authorization === `Bearer ${tokens().access_token}`;
    return fresh ? [200, { body }] : [401, {}];
  };

  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const name = request.url.slice(1);
    const [status, json] = answer(request, Buffer.concat(chunks).toString("latin1"));
    const wrong = fault(name, seen[name]?.length ?? seen.api.length);
    if (wrong === "drop") return void request.socket.destroy();
    await wrong?.wait;
    response.writeHead(wrong?.status ?? status, { "content-type": "application/json", ...wrong?.headers });
    response.end(JSON.stringify(wrong?.body ?? json));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    seen,
    tokens,
    options: { tokenEndpoint: `${origin}/token`, revocationEndpoint: `${origin}/revoke`, clientId: "test" },
    /** As if somebody else had refreshed, or the API had forgotten its tokens. */
    forget: () => generation++,
    close: () => (server.closeAllConnections(), server.close()),
  };
}
