// What runs in Deno: the contract, the issuer's suites and what each of them needs, on Deno KV in a file.

import { testStore } from "../../src/js/stores/contract.js";
import { denoKvStore } from "../../src/js/stores/deno-kv.js";
import * as edge from "../../src/js/edge/deno.js";
import { refused } from "../suites/check.mjs";
import { testCrashes } from "../suites/crashes.mjs";
import { testIssuing } from "../suites/issuing.mjs";
import { testKills } from "../suites/kills.mjs";
import { testOnStore } from "../suites/stores.mjs";
import { collection, runAll } from "./collect.mjs";
import { openDenoKv } from "./deno-database.mjs";

// With `rounds`, only the races, so many times.
const [file, joseUrl, rounds] = Deno.args;
const jose = await import(joseUrl);
const kv = await Deno.openKv(file);
const makeStore = () => denoKvStore(kv);

const closed = await Deno.openKv(":memory:");
closed.close();

const report = (name, outcome) => console.log(JSON.stringify({ name, ...outcome }));
const runtime = { edge, jose, ...openDenoKv(kv) };

if (rounds) {
  const { tests, test } = collection();
  testOnStore({ ...runtime, test, rounds: Number(rounds) });
  await runAll(new Map([...tests].filter(([name]) => /^I3\d?:/.test(name))), report, 1);
  Deno.exit(0);
}

const { tests, test } = collection();
testStore(makeStore, {
  test,
  another: async () => denoKvStore(await Deno.openKv(file)),
  broken: () => denoKvStore(closed),
  largest: 64 * 1024,
  tooLarge: 64 * 1024 + 1,
});

test("what is too large is refused with an error that says so", async () => {
  await refused(makeStore().compareAndSet("large", null, "x".repeat(70_000), Date.now() / 1000 + 60), { code: "ERR_STORE", retryable: false });
});

await runAll(tests, report);

// One after the other: some of these change the clock of the whole process.
const issuers = collection();
const alone = { ...runtime, test: issuers.test };
testIssuing(alone);
testCrashes(alone);
testOnStore(alone);
testKills({ ...alone, program: [Deno.execPath(), "run", "--unstable-kv", "--allow-all", "--no-config", "--no-npm"], platform: new URL("victim-deno.mjs", import.meta.url).href, database: file });
await runAll(issuers.tests, report, 1);
Deno.exit(0);
