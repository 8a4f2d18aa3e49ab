// What runs in Deno: the contract, the issuer's suites and what each of them needs, on Deno KV in a file.

import { testStore } from "../../src/js/stores/contract.js";
import { denoKvStore } from "../../src/js/stores/deno-kv.js";
import { collection, runAll } from "./collect.mjs";

const [file] = Deno.args;
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

await runAll(tests, (name, outcome) => console.log(JSON.stringify({ name, ...outcome })));
Deno.exit(0);
