// The suite of remote keys in Node, over both entries.

import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { testRemote } from "../suites/remote.mjs";

for (const [entry, evertoken] of Object.entries({ main, edge })) {
  testRemote({ test: (name, run) => test(`${entry}: ${name}`, run), evertoken });
}
