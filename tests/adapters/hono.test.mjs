// The suite of `evertoken/hono` in Node.

import { test } from "node:test";
import { Hono } from "hono";
import * as adapter from "../../src/js/adapters/hono.js";
import * as edge from "../../src/js/edge/node.js";
import { memoryStore } from "../../src/js/stores/memory.js";
import { testHono } from "../suites/hono.mjs";

testHono({ test, edge, Hono, adapter, makeStore: memoryStore });
