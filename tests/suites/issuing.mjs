// Everything that an issuer is tested for, on any store and in any runtime.

import { testEndpoints } from "./endpoints.mjs";
import { testHardships } from "./hardships.mjs";
import { testIssuer } from "./issuer.mjs";
import { testLimiter } from "./limiter.mjs";
import { testRenewing } from "./renew.mjs";
import { testRevocation } from "./revocation.mjs";
import { testRollout } from "./rollout.mjs";
import { testSessions } from "./sessions.mjs";
import { testStateless } from "./stateless.mjs";
import { testTransport } from "./transport.mjs";

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, jose: any, makeStore: () => any }} runtime
 */
export const testIssuing = (runtime) => {
  for (const suite of [testIssuer, testSessions, testRevocation, testRollout, testEndpoints, testTransport, testLimiter, testRenewing, testStateless, testHardships]) suite(runtime);
};
