// The suite of issuers without refresh tokens or without a store, and their clients, in Node.

import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as evertoken from "../../src/js/node.js";
import { testModes } from "../suites/modes.mjs";

testModes({ test, evertoken, edge });
