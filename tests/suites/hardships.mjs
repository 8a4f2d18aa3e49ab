// What an issuer must bear: lost answers, silence, floods and haste. Names begin with their scenario.

import { equal, ok, refused, same } from "./check.mjs";
import { attempt, form, grantOf, hurried, ISSUER, world } from "./world.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any }} runtime
 */
export const testHardships = (runtime) => {
  const { test, edge } = runtime;
  const open = (options) => world(runtime, options);

  test("a claims callback that takes its time lengthens no life", async () => {
    const { clock, signIn, refresh } = await open({ claims: () => clock.pass(7) });
    const tokens = await signIn();
    equal(tokens.expires_in, 293, "of the first");
    equal((await refresh(tokens)).expires_in, 293, "of the second");
    equal(clock.now, 1_800_000_014_000);
  });
};
