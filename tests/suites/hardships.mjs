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

  test("a claims callback that takes its time lengthens no life", async () => {
    const { clock, signIn, refresh } = await open({ claims: () => clock.pass(7) });
    const tokens = await signIn();
    equal(tokens.expires_in, 293, "of the first");
    equal((await refresh(tokens)).expires_in, 293, "of the second");
    equal(clock.now, 1_800_000_014_000);
  });
};
