// The demo's endpoints as curl sees them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startDemo } from "./harness.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;

// No grace beyond the 5 seconds that are always there for clocks.
before(async () => (demo = await startDemo({ ACCESS_TOKEN_TTL: 60, REFRESH_GRACE: 0 })));
after(() => demo?.stop());

const signIn = (body = { username: "demo1", password: "demo1-password" }) =>
  fetch(demo.url("api/sign-in"), { method: "POST", headers: { "content-type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) });

const post = (path, form) => fetch(demo.url(path), { method: "POST", body: new URLSearchParams(form) });

const renew = (refreshToken) => post("token", { grant_type: "refresh_token", refresh_token: refreshToken, client_id: "demo-page" });

const me = (token) => fetch(demo.url("api/me"), { headers: token ? { authorization: `Bearer ${token}` } : {} });

describe("signing in", () => {
  test("answers tokens that the API takes", async () => {
    const response = await signIn();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const tokens = await response.json();
    assert.equal(tokens.token_type, "Bearer");
    assert.ok([59, 60].includes(tokens.expires_in), "what is left when it is sent");
    assert.match(tokens.refresh_token, /^rt1\./);

    const answered = await me(tokens.access_token);
    assert.equal(answered.status, 200);
    const claims = await answered.json();
    assert.equal(claims.sub, "demo1");
    assert.equal(claims.name, "Ada Demo");
    assert.equal(claims.sid, tokens.session_id);
  });

  test("refuses a wrong password, an unknown name and what is not JSON", async () => {
    assert.equal((await signIn({ username: "demo1", password: "demo2-password" })).status, 401);
    assert.equal((await signIn({ username: "nobody", password: "" })).status, 401);
    for (const body of ["{", "null", '"demo1"', '{"username":"demo1"}', '{"username":1,"password":2}']) {
      assert.equal((await signIn(body)).status, 400, body);
    }
    assert.equal((await fetch(demo.url("api/sign-in"))).status, 405);
  });
});

describe("the API", () => {
  test("asks for a token, and names no error when none was sent", async () => {
    const response = await me();
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="evertoken demo"');
  });

  test("refuses what is no token", async () => {
    const response = await me("a.b.c");
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate"), /error="invalid_token"/);
  });
});

describe("/api/role", () => {
  const change = (token, role) =>
    fetch(demo.url("api/role"), { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ role }) });

  test("I13: makes tokens stale, and the next one carries the new role", async () => {
    const tokens = await (await signIn()).json();
    assert.equal((await (await me(tokens.access_token)).json()).role, "reader");
    assert.equal((await change(tokens.access_token, "editor")).status, 200);

    const stale = await me(tokens.access_token);
    assert.deepEqual([stale.status, (await stale.json()).code], [401, "ERR_TOKEN_STALE"]);
    const renewed = await (await renew(tokens.refresh_token)).json();
    const claims = await (await me(renewed.access_token)).json();
    assert.deepEqual([claims.role, claims.sid], ["editor", tokens.session_id]);
    assert.equal((await change(renewed.access_token, "reader")).status, 200);
  });

  test("takes the roles there are, from those who are signed in", async () => {
    const { access_token: token } = await (await signIn()).json();
    assert.equal((await change(token, "admin")).status, 400);
    assert.equal((await change("a.b.c", "editor")).status, 401);
  });
});

describe("/token", () => {
  test("gives the same successor to two who ask at once", async () => {
    const { refresh_token: first } = await (await signIn()).json();
    const [one, two] = await Promise.all([renew(first), renew(first)]);
    assert.deepEqual([one.status, two.status], [200, 200]);
    assert.equal(one.headers.get("cache-control"), "no-store");
    const [a, b] = [await one.json(), await two.json()];
    assert.equal(a.refresh_token, b.refresh_token);
    assert.notEqual(a.refresh_token, first);
  });

  test("ends the session when an old token comes back after the grace", async () => {
    const before = await (await signIn()).json();
    const now = await (await renew(before.refresh_token)).json();
    assert.equal((await me(now.access_token)).status, 200);
    await sleep(7000);

    const reused = await renew(before.refresh_token);
    assert.equal(reused.status, 400);
    assert.deepEqual(pick(await reused.json()), { error: "invalid_grant", code: "reuse" });
    const after = await renew(now.refresh_token);
    assert.deepEqual(pick(await after.json()), { error: "invalid_grant", code: "reuse" });
    for (const token of [before.access_token, now.access_token]) {
      const refused = await me(token);
      assert.equal(refused.status, 401);
      assert.equal((await refused.json()).code, "ERR_TOKEN_REVOKED");
    }
  });

  test("answers garbage with invalid_grant", async () => {
    for (const garbage of ["garbage", "rt1.a.b.c.d.e", "x".repeat(100_000)]) {
      const response = await renew(garbage);
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error, "invalid_grant");
    }
  });

  test("wants a POST", async () => {
    assert.equal((await fetch(demo.url("token"))).status, 405);
  });

  test("knows its sessions after a restart", async () => {
    const { refresh_token: token } = await (await signIn({ username: "demo2", password: "demo2-password" })).json();
    await demo.restart();
    const renewed = await renew(token);
    assert.equal(renewed.status, 200);
    assert.equal((await me((await renewed.json()).access_token)).status, 200);
  });
});

test("/revoke ends the session at once", async () => {
  const tokens = await (await signIn()).json();
  assert.equal((await post("revoke", { token: tokens.refresh_token, client_id: "demo-page" })).status, 200);
  assert.equal((await me(tokens.access_token)).status, 401);
  assert.equal((await renew(tokens.refresh_token)).status, 400);
});

test("/.well-known/jwks.json shows the public key and nothing else of it", async () => {
  const { keys } = await (await fetch(demo.url(".well-known/jwks.json"))).json();
  assert.equal(keys.length, 1);
  assert.equal(keys[0].alg, "ES256");
  assert.equal("d" in keys[0], false);
});

test("what nobody serves is not found", async () => {
  assert.equal((await fetch(demo.url("api/other"))).status, 404);
});

const pick = ({ error, code }) => ({ error, code });
