// In the page: runs every suite, one test after the other, and reports each. Adding a suite is one line here.

import * as jose from "../../node_modules/jose/dist/webapi/index.js";
import * as whole from "../../pkg/evertoken.js";
import * as small from "../../pkg/evertoken_client.js";
import * as main from "../../src/js/browser.js";
import * as edge from "../../src/js/edge/browser.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testCache } from "../suites/cache.mjs";
import { testClient } from "../suites/client.mjs";
import { testErrors } from "../suites/errors.mjs";
import { testFallback } from "../suites/fallback.mjs";
import { testIssued } from "../suites/issued.mjs";
import { testModes } from "../suites/modes.mjs";
import { testPages } from "../suites/pages.mjs";
import { testRemote } from "../suites/remote.mjs";
import { testStorage } from "../suites/storage.mjs";
import { testTraps } from "../suites/traps.mjs";
import { testUpgrades } from "../suites/upgrades.mjs";
import { testVerifier } from "../suites/verifier.mjs";

const report = (body) => fetch("/report", { method: "POST", body: JSON.stringify(body) });
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => report({ broken: `policy: ${violatedDirective} ${blockedURI}` }));
addEventListener("unhandledrejection", ({ reason }) => report({ broken: `unhandled: ${reason?.stack ?? reason}` }));

try {
  const vectors = await Promise.all(["rfc_7520", "rfc_9964"].map(async (name) => (await fetch(`../vectors/${name}.json`)).json()));
  const tests = new Map();
  const testsOf = (entry) => (name, run) => tests.set(`${entry}: ${name}`, run);
  // First, while no other module is loaded that a client could do with.
  testClient({ test: testsOf("evertoken"), evertoken: main });
  testPages({ test: testsOf("evertoken"), evertoken: main });
  testStorage({ test: testsOf("evertoken"), evertoken: main });
  testUpgrades({ test: testsOf("evertoken"), evertoken: main });
  testTraps({ test: testsOf("evertoken"), evertoken: main, glue: small });
  tests.set("evertoken: a page that has clients alone downloads the client's module alone", async () => {
    const downloaded = performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1)).filter((name) => name.endsWith(".wasm"));
    if (downloaded.join() !== "evertoken_client_bg.wasm") throw new Error(`downloaded: ${downloaded}`);
  });
  for (const [entry, evertoken] of Object.entries({ evertoken: main, "evertoken/edge": edge })) {
    const test = testsOf(entry);
    // What is synchronous in them needs the module first.
    test("init loads the whole module", () => evertoken.init());
    testVerifier({ test, evertoken, vectors, jose });
    testErrors({ test, evertoken });
    testRemote({ test, evertoken });
    testCache({ test, evertoken });
    if (evertoken === main) testFallback({ test, main, edge, algorithms: ["ES256K"] });
  }
  tests.set("evertoken: a client takes the whole module where that is loaded", async () => {
    const client = main.createClient({ storage: "memory", verify: { keys: { keys: [] } } });
    await client.ready;
    client.dispose();
    const downloads = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/evertoken_bg.wasm"));
    if (downloads.length !== 1) throw new Error(`downloaded ${downloads.length} times`);
  });
  testIssued({ test: testsOf("evertoken"), evertoken: main, edge, memoryStore });
  testModes({ test: testsOf("evertoken"), evertoken: main, edge });
  testTraps({ test: testsOf("evertoken, the whole module"), evertoken: main, glue: whole });
  await report({ names: [...tests.keys()] });
  for (const [name, run] of tests) {
    const error = await run().then(() => undefined, (thrown) => `${thrown}\n${thrown?.stack ?? ""}`);
    await report({ name, error });
  }
  await report({ finished: true });
} catch (error) {
  await report({ broken: `${error}\n${error.stack}` });
}
