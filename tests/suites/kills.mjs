// A server that dies in the middle of a refresh, for real, and another one that is asked next.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { equal } from "./check.mjs";
import { HOSTS, recovers } from "./crashes.mjs";
import { attempt, world } from "./world.mjs";

const STEPS = [
  "before the read",
  "after the read",
  "in the callback",
  "before the write",
  "during the write",
  "after the write",
  "before the signature",
  "after the signature",
  "before the answer is sent",
];

const victim = fileURLToPath(new URL("../stores/victim.mjs", import.meta.url));

/**
 * @param {{ test: (name: string, run: () => Promise<void>) => unknown, edge: any, makeStore: () => any, program: [string, ...string[]], platform: string, database: string, times?: number }} runtime
 * `program` runs a script, `platform` names what opens the store there, `times` is how often each step is tried
 */
export const testKills = ({ test, edge, makeStore, program: [command, ...args], platform, database, times = 1 }) => {
  /** @returns {Promise<{ signal: string | null, said: string }>} */
  const run = (plan) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, [...args, victim, JSON.stringify(plan)], { stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
      child.once("error", reject);
      child.once("close", (_code, signal) => resolve({ signal, said }));
    });

  for (const step of STEPS) {
    test(`I6: a server is killed ${step}, and the next one answers the retry`, async () => {
      for (let time = 0; time < (step === "during the write" ? times * 3 : times); time++) {
        const store = await makeStore();
        const here = await world({ edge, makeStore: () => store }, { signingKeys: [await edge.generateKey(HOSTS)] });
        const tokens = await here.signIn();
        const other = await here.signIn({ clientId: "tablet" });
        const asked = { attempt: attempt() };
        const { audience, signingKeys, secrets } = here.options;
        const about = { token: tokens.refresh_token, attempt: asked.attempt, now: here.clock.now, options: { audience, signingKeys, secrets } };
        const { signal, said } = await run({ step, platform, database, ...about });
        equal(signal, "SIGKILL", said);
        await recovers({ ...here, store }, tokens, other, asked);
      }
    });
  }
};
