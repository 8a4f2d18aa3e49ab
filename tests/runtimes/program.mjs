// What runs in Deno and in Bun: the suites of hosts and storages, and a client with timers and requests of the runtime's own.

import process from "node:process";
import { testHosts } from "../suites/hosts.mjs";
import { testStorage } from "../suites/storage.mjs";
import { equal, same } from "../suites/check.mjs";
import { collection, runAll } from "../stores/collect.mjs";

const [entry, origin] = process.argv.slice(2);
const evertoken = await import(entry);
const { tests, test } = collection();

testHosts({ test, evertoken });
testStorage({ test, evertoken });

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const post = async (path, body) => (await fetch(origin + path, { method: "POST", body })).text();

/** A client of a user's own session. */
const signedIn = async (user, { life = 300, ...options } = {}) => {
  const client = evertoken.createClient({ tokenEndpoint: `${origin}/token`, revocationEndpoint: `${origin}/revoke`, clientId: "runtime", storage: "memory", ...options });
  await client.setTokens(JSON.parse(await post("/sign-in", JSON.stringify({ user, life }))));
  return { client, me: async () => (await client.fetch(`${origin}/me`)).status, posts: async () => Number(await post("/posts", user)) };
};

test("C1: fifty calls over HTTP are one refresh", async () => {
  const { client, posts } = await signedIn("many");
  const tokens = await Promise.all(Array.from({ length: 50 }, () => client.getAccessToken({ forceRefresh: true })));
  same([...new Set(tokens)], ["many.a1"]);
  equal(await posts(), 1);
  client.dispose();
});

test("C13, C25: tokens are renewed by the runtime's own timers, of which none is left when it is disposed of", async () => {
  const { client, me, posts } = await signedIn("timed", { life: 2 });
  const renewed = new Promise((heard) => client.on("refreshed", heard));
  await renewed;
  equal(await me(), 200);
  equal(await posts(), 1);
  client.dispose();
  await sleep(2_500);
  equal(await posts(), 1);
});

test("C19: a 401 over HTTP is one refresh and one replay", async () => {
  const { client, me, posts } = await signedIn("refused");
  // Somebody else refreshed, and the page handed that in with the token that the API has forgotten.
  await client.setTokens({ ...JSON.parse(await post("/forget", "refused")), access_token: "refused.a0", generation: 5 });
  same(await Promise.all([me(), me(), me()]), [200, 200, 200]);
  equal(await posts(), 1);
  client.dispose();
});

test("C10: a server that is away is waited for, and the session kept", async () => {
  const { client } = await signedIn("away", { tokenEndpoint: "http://127.0.0.1:9/token" });
  const error = await client.getAccessToken({ forceRefresh: true }).catch((error) => error);
  same([error.name, error.code, error.retryable], ["TokenError", "ERR_REFRESH_UNAVAILABLE", true]);
  equal(await client.getAccessToken(), "away.a0");
  client.dispose();
});

test("C24: a sign-out revokes the session at the server", async () => {
  const { client } = await signedIn("gone");
  await client.signOut();
  equal(await client.getAccessToken(), null);
  equal(await post("/revoked", "gone"), "gone.r0");
  client.dispose();
});

test("C34: a client works in a worker of the runtime", async () => {
  const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  const answer = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(event.error ?? new Error(event.message));
    worker.postMessage([entry, origin]);
  });
  worker.terminate();
  same(answer, ["worker.a0", "worker.a1", 200]);
});

// One after the other: clients of one name hear of each other.
await runAll(tests, (name, outcome) => console.log(JSON.stringify({ name, ...outcome })), 1);
process.exit(0);
