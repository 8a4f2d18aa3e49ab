// A server that is stopped in the middle of a refresh: kills itself, hard, when it comes to the step it was told.
// Runs in Node on Redis, and in Deno on Deno KV.

import process from "node:process";
import { ISSUER } from "../suites/world.mjs";

const plan = JSON.parse(process.argv[2]);
const { store, edge } = await import(plan.platform).then(({ open }) => open(plan.database));

const die = () => process.kill(process.pid, "SIGKILL");

/** Stops here for good, where this is the step. */
const reach = (step) => {
  if (step !== plan.step) return undefined;
  die();
  // The signal is on its way; nothing more may happen before it comes.
  return new Promise(() => {});
};

const doomed = {
  capabilities: store.capabilities,
  get: async (key) => {
    await reach("before the read");
    const found = await store.get(key);
    await reach("after the read");
    return found;
  },
  compareAndSet: async (key, expected, value, end) => {
    await reach("before the write");
    const writing = store.compareAndSet(key, expected, value, end);
    // On its way: whether it arrives is up to chance.
    if (plan.step === "during the write") setTimeout(die, Math.random() * 4);
    const answer = await writing;
    await reach("after the write");
    if (plan.step === "during the write") await new Promise(() => {});
    return answer;
  },
};

const issuer = edge.createIssuer({
  issuer: ISSUER,
  ...plan.options,
  store: doomed,
  now: () => plan.now,
  claims: async () => (await reach("in the callback"), {}),
});

const sign = crypto.subtle.sign;
crypto.subtle.sign = async (...args) => {
  await reach("before the signature");
  const signature = await sign.apply(crypto.subtle, args);
  await reach("after the signature");
  return signature;
};

await issuer.refresh(plan.token, { clientId: "web", attempt: plan.attempt });
await reach("before the answer is sent");
process.exit(0);
