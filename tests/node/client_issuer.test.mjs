// The suite of the client and its issuer, in Node.

import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import * as evertoken from "../../src/js/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testIssued } from "../suites/issued.mjs";

testIssued({ test, evertoken, edge, memoryStore });
