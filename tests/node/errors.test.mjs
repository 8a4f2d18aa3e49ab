// The suite of errors in Node, over both entries.

import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as main from "../../src/js/node.js";
import { testErrors } from "../suites/errors.mjs";

for (const [entry, evertoken] of Object.entries({ main, edge })) {
  testErrors({ test: (name, run) => test(`${entry}: ${name}`, run), evertoken });
}
