// Durable Objects and D1 in real workerd.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openD1Table, startWorker } from "./workerd-server.mjs";

const worker = await startWorker();
after(() => worker.stop());

await openD1Table(worker);

// The worker knows the names, so that no test can be forgotten here.
const [contracts, issuers] = await worker.ask();

const run = (name) => async () => {
  const { passed, error } = await worker.ask({ test: name });
  assert.ok(passed, error);
};
describe("the contract in workerd", { concurrency: 8 }, () => contracts.forEach((name) => it(name, run(name))));
describe("the issuer in workerd", () => issuers.forEach((name) => it(name, run(name))));
