// The endpoints over HTTP, as the standards have them. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, claimsOf, form, grantOf, ISSUER, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testEndpoints = (runtime) => {
  const { test } = runtime;
  const open = (options) => world(runtime, options);

  test("I18: the token endpoint answers as RFC 6749 has it", async () => {
    const { issuer, signIn } = await open();
    const tokens = await signIn({ scope: "read write" });
    const wanted = [
      [grantOf(tokens, { client_id: "" }), "invalid_request"],
      [{ grant_type: "refresh_token", client_id: "web" }, "invalid_request"],
      [{ refresh_token: "x" }, "invalid_request"],
      [grantOf(tokens, { grant_type: "password" }), "unsupported_grant_type"],
      [grantOf(tokens, { attempt: "short" }), "invalid_request"],
      [grantOf(tokens, { scope: "read admin" }), "invalid_scope"],
      [grantOf("x"), "invalid_grant"],
    ];
    for (const [fields, error] of wanted) {
      const response = await issuer.handle(form(fields));
      equal(response.status, 400);
      equal((await response.json()).error, error);
      equal(response.headers.get("cache-control"), "no-store");
    }
    const json = await issuer.handle(new Request(`${ISSUER}/token`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } }));
    equal(json.status, 400);
    const get = await issuer.handle(new Request(`${ISSUER}/token`));
    equal(get.status, 405);
    equal(get.headers.get("allow"), "POST");
    const good = await issuer.handle(form(grantOf(tokens, { scope: "read", attempt: attempt() })));
    equal(good.status, 200);
    equal(good.headers.get("cache-control"), "no-store");
    ok(good.headers.get("content-type").startsWith("application/json"), "content type");
    const answer = await good.json();
    equal(answer.scope, "read");
    equal(answer.generation, 2);
    equal(claimsOf(answer).scope, "read");
  });

  test("I18: revocation and keys over HTTP, and nothing else is ours", async () => {
    const { issuer, refresh, signIn } = await open();
    const tokens = await signIn();
    const revoke = (fields) => issuer.handle(form(fields, { path: "/revoke" }));
    equal((await revoke({})).status, 400);
    equal((await revoke({ token: "unknown", client_id: "web" })).status, 200);
    equal((await revoke({ token: tokens.refresh_token, client_id: "other" })).status, 200);
    const second = await refresh(tokens);
    equal((await revoke({ token: tokens.refresh_token, client_id: "web", token_type_hint: "refresh_token" })).status, 200);
    await refused(refresh(second), { code: "ERR_REFRESH_REVOKED" });
    const jwks = await issuer.handle(new Request(`${ISSUER}/.well-known/jwks.json`));
    same(await jwks.json(), await issuer.jwks());
    equal((await issuer.handle(new Request(`${ISSUER}/.well-known/jwks.json`, { method: "POST" }))).status, 405);
    for (const path of ["/", "/tokens", "/token/", "/api/me"]) equal(await issuer.handle(new Request(ISSUER + path)), undefined, path);
  });
};
