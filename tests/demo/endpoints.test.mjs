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

test("/.well-known/jwks.json shows the public keys, the one that signs first, and nothing else of them", async () => {
  const { keys } = await (await fetch(demo.url(".well-known/jwks.json"))).json();
  assert.deepEqual(keys.map(({ alg }) => alg), ["ES256", "EdDSA", "RS256"]);
  for (const secret of ["d", "p", "q", "dp", "dq", "qi"]) assert.deepEqual(keys.filter((key) => secret in key), [], secret);
});

describe("/api/key", () => {
  const change = (token, kid) =>
    fetch(demo.url("api/key"), { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ kid }) });
  const keys = async () => (await (await fetch(demo.url(".well-known/jwks.json"))).json()).keys;
  const headerOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString());

  test("I14: changes the key that signs, and the tokens of the one before are taken", async () => {
    const before = await (await signIn()).json();
    const [first, second] = await keys();
    assert.equal(headerOf(before.access_token).kid, first.kid);
    assert.equal((await change(before.access_token, second.kid)).status, 200);

    const after = await (await signIn()).json();
    assert.deepEqual([headerOf(after.access_token).alg, headerOf(after.access_token).kid], [second.alg, second.kid]);
    for (const token of [before.access_token, after.access_token]) assert.equal((await me(token)).status, 200);
    assert.equal((await keys())[0].kid, second.kid);
    assert.equal((await change(after.access_token, first.kid)).status, 200);
  });

  test("takes the keys there are, from those who are signed in", async () => {
    const { access_token: token } = await (await signIn()).json();
    assert.equal((await change(token, "another")).status, 400);
    assert.equal((await change("a.b.c", (await keys())[0].kid)).status, 401);
  });
});

describe("/api/events", () => {
  const events = async (token) => {
    const response = await fetch(demo.url("api/events"), { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, types: ((await response.json()).events ?? []).map(({ type }) => type) };
  };

  test("tells the owner of a session what happened to it, also once it is over, and nobody else", async () => {
    const tokens = await (await signIn()).json();
    await (await renew(tokens.refresh_token)).json();
    assert.equal((await post("revoke", { token: tokens.refresh_token, client_id: "demo-page" })).status, 200);
    const { status, types } = await events(tokens.access_token);
    assert.deepEqual([status, types], [200, ["issued", "refreshed", "revoked"]]);
    const other = await (await signIn()).json();
    assert.deepEqual((await events(other.access_token)).types, ["issued"]);
    assert.equal((await events("a.b.c")).status, 401);
  });
});

describe("the faults of the worker", () => {
  const ordered = (path, fault, token) => fetch(demo.url(path), { method: path === "token" ? "POST" : "GET", headers: { "x-demo-fault": fault, ...(token && { authorization: `Bearer ${token}` }) } });

  test("are answered as ordered", async () => {
    assert.equal((await ordered("token", "503")).status, 503);
    const slow = await ordered("token", "429");
    assert.deepEqual([slow.status, slow.headers.get("retry-after")], [429, "5"]);
    assert.equal((await ordered("api/me", "401")).status, 401);
    assert.equal((await ordered("api/me", "constructor")).status, 401, "no token was sent");
  });

  test("are not there where the settings do not say so", async () => {
    const strict = await startDemo({ DEMO_FAULTS: "off" });
    try {
      const answer = await fetch(strict.url("token"), { method: "POST", headers: { "x-demo-fault": "503" }, body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: "x", client_id: "demo-page" }) });
      assert.equal(answer.status, 400);
    } finally {
      await strict.stop();
    }
  });
});

test("what nobody serves is not found", async () => {
  assert.equal((await fetch(demo.url("api/other"))).status, 404);
});

const pick = ({ error, code }) => ({ error, code });
