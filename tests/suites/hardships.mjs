// What an issuer must bear: lost answers, silence, floods and haste. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, form, grantOf, hurried, ISSUER, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testHardships = (runtime) => {
  const { test, edge } = runtime;
  const open = (options) => world(runtime, options);

  test("I6: a sign-in whose compare-and-set answer was lost is written once, and can be ended", async () => {
    const { issuer, kinds, refresh, signIn, watch } = await open();
    watch.intercept = async (name, go) => {
      if (name !== "compareAndSet") return go();
      watch.intercept = undefined;
      await go();
      return { ok: false };
    };
    const tokens = await signIn();
    equal(JSON.parse([...watch.records.values()][0]).sessions.length, 1, "sessions");
    same(kinds(), ["issued"]);
    const { verify } = issuer.verifier({ revocation: "session" });
    await verify(tokens.access_token);
    await issuer.revokeSession(tokens.session_id);
    await refused(verify(tokens.access_token), { code: "ERR_TOKEN_REVOKED" });
    await refused(refresh(tokens), { code: "ERR_REFRESH_REVOKED" });
  });

  test("I7: a store that never answers is given up, and the retry gets what would have been answered", async () => {
    for (const call of ["get", "compareAndSet"]) {
      const { refresh, signIn, watch } = await open();
      const tokens = await signIn();
      const one = { attempt: attempt() };
      watch.intercept = async (name, go) => {
        const answer = await go();
        return name === call ? new Promise(() => {}) : answer;
      };
      await hurried(() => refused(refresh(tokens, one), { code: "ERR_STORE", retryable: true, status: 503 }));
      watch.intercept = undefined;
      equal((await refresh(tokens, one)).generation, 2, call);
    }
  });

  test("I14: shared signing keys rotate too, though nobody named them", async () => {
    const [old, fresh] = [await edge.generateKey("HS256"), await edge.generateKey("HS256")];
    const { issuer, options, signIn } = await open({ signingKeys: [old] });
    const tokens = await signIn();
    const next = edge.createIssuer({ ...options, signingKeys: [fresh, old] });
    const second = await next.refresh(tokens.refresh_token, { clientId: "web" });
    for (const { access_token } of [tokens, second]) await next.verifier().verify(access_token);
    await refused(issuer.verifier().verify(second.access_token), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    const { kid } = JSON.parse(atob(second.access_token.split(".")[0]));
    ok(kid !== (await edge.thumbprint(fresh)), "the name says something about the secret");
  });

  test("I18: a body that is too large is refused, also where its length was not said", async () => {
    const { issuer } = await open();
    const chunk = new TextEncoder().encode("a".repeat(1 << 20));
    let left = 5;
    const body = new ReadableStream({ pull: (to) => (left-- > 0 ? to.enqueue(chunk) : to.close()) });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await issuer.handle(new Request(`${ISSUER}/token`, { method: "POST", body, headers, duplex: "half" }));
    equal(response.status, 413);
  });

  test("I18: an empty parameter counts as left out, in a form and in a call", async () => {
    const { issuer, refresh, signIn } = await open();
    const tokens = await signIn({ scope: "read" });
    const second = await refresh(tokens, { attempt: "", scope: "" });
    equal(second.scope, "read");
    const third = await (await issuer.handle(form(grantOf(second, { attempt: "", scope: "" })))).json();
    same([third.generation, third.scope], [3, "read"]);
    await refused(refresh(third, { attempt: "short" }), { code: "ERR_OPTIONS", option: "attempt" });
  });

  test("I24: a claims callback that hangs commits nothing, and the retry works", async () => {
    let answer = () => ({});
    const { refresh, signIn, watch } = await open({ claims: () => answer() });
    const tokens = await signIn();
    watch.reset();
    answer = () => new Promise(() => {});
    await hurried(() => refused(refresh(tokens), { code: "ERR_REFRESH_UNAVAILABLE", retryable: true, status: 503 }));
    equal(watch.writes, 0);
    answer = () => ({});
    equal((await refresh(tokens)).generation, 2);
  });

  test("a claims callback that takes its time lengthens no life", async () => {
    const { clock, signIn, refresh } = await open({ claims: () => clock.pass(7) });
    const tokens = await signIn();
    equal(tokens.expires_in, 293, "of the first");
    equal((await refresh(tokens)).expires_in, 293, "of the second");
    equal(clock.now, 1_800_000_014_000);
  });

  test("a refresh says what is new about the device, and the rest stays", async () => {
    const seen = [];
    const { refresh, signIn } = await open({ claims: ({ session }) => void seen.push(session.device) });
    const tokens = await signIn({ device: { label: "Ada's phone", ip: "192.0.2.1" } });
    const next = await refresh(tokens, { device: { label: "", ip: "192.0.2.2", userAgent: "x".repeat(999) } });
    await refresh(next);
    const device = { label: "Ada's phone", userAgent: "x".repeat(256), ip: "192.0.2.2" };
    same(seen, [{ label: "Ada's phone", ip: "192.0.2.1" }, device, device]);
  });

  test("whatever handle is given that is no fresh request is refused or answered, and nothing hangs", async () => {
    const { issuer } = await open();
    const read = form(grantOf("x"));
    await read.text();
    for (const wrong of [undefined, null, "x", {}, { url: ISSUER, method: "POST" }, read]) {
      await refused(issuer.handle(wrong), { code: "ERR_OPTIONS", option: "request" });
    }
    const body = new ReadableStream({ start: (to) => to.error(new Error("gone")) });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await issuer.handle(new Request(`${ISSUER}/token`, { method: "POST", body, headers, duplex: "half" }));
    same([response.status, (await response.json()).error], [400, "invalid_request"]);
  });

  test("two subjects never share an account for the letters they cannot be written in", async () => {
    const { signIn } = await open();
    await refused(signIn({ subject: "\ud800" }), { code: "ERR_OPTIONS", option: "subject" });
    equal((await signIn({ subject: "\ud83d\ude00" })).generation, 1);
  });

  test("I12: a repeat hands out a revoked access token as one that is over", async () => {
    const { issuer, refresh, signIn } = await open();
    const tokens = await signIn();
    const one = { attempt: attempt() };
    const next = await refresh(tokens, one);
    await issuer.revoke(next.access_token);
    equal((await refresh(tokens, one)).expires_in, 0);
    equal((await refresh(next)).expires_in, 300);
  });
};
