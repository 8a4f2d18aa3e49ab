// The issuer on memory: what the other stores show, where nothing is in the way.

import { test } from "node:test";
import * as edge from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testCrashes } from "../suites/crashes.mjs";
import { testOnStore } from "../suites/stores.mjs";
import { openMemory } from "./memory-database.mjs";

testCrashes({ test, edge, makeStore: memoryStore });
testOnStore({ test, edge, ...openMemory() });
