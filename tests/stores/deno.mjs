// What runs in Deno: the contract, the issuer's suites and what each of them needs, on Deno KV in a file.

import { testStore } from "../../src/js/stores/contract.js";
import { denoKvStore } from "../../src/js/stores/deno-kv.js";
import * as edge from "../../src/js/edge/deno.js";
import { testCrashes } from "../suites/crashes.mjs";
import { testHardships } from "../suites/hardships.mjs";
import { testIssuer } from "../suites/issuer.mjs";
import { testKills } from "../suites/kills.mjs";
import { testOnStore } from "../suites/stores.mjs";
import { collection, runAll } from "./collect.mjs";
import { openDenoKv } from "./deno-database.mjs";

const [file, joseUrl] = Deno.args;
const jose = await import(joseUrl);
const kv = await Deno.openKv(file);
const makeStore = () => denoKvStore(kv);

const closed = await Deno.openKv(":memory:");
closed.close();

const { tests, test } = collection();
testStore(makeStore, {
  test,
  another: async () => denoKvStore(await Deno.openKv(file)),
  broken: () => denoKvStore(closed),
  largest: 64 * 1024,
  tooLarge: 64 * 1024 + 1,
});

const report = (name, outcome) => console.log(JSON.stringify({ name, ...outcome }));
await runAll(tests, report);

// One after the other: some of these change the clock of the whole process.
const issuers = collection();
const runtime = { test: issuers.test, edge, jose, ...openDenoKv(kv) };
testIssuer(runtime);
testHardships(runtime);
testCrashes(runtime);
testOnStore(runtime);
testKills({ ...runtime, program: [Deno.execPath(), "run", "--unstable-kv", "--allow-all", "--no-config", "--no-npm"], platform: new URL("victim-deno.mjs", import.meta.url).href, database: file });
await runAll(issuers.tests, report, 1);
Deno.exit(0);
