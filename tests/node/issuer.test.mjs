// The issuer's suite and the store contract, in Node on memory.

import { test } from "node:test";
import * as jose from "jose";
import * as edge from "../../src/js/edge/node.js";
import { testStore } from "../../src/js/stores/contract.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testIssuer } from "../suites/issuer.mjs";
import { testHardships } from "../suites/hardships.mjs";

testIssuer({ test, edge, jose, makeStore: memoryStore });
testStore(memoryStore, { test });
testHardships({ test, edge, makeStore: memoryStore });
