// The suite of storages that applications bring, in Node.

import { test } from "node:test";
import * as evertoken from "../../src/js/node.js";
import { testStorage } from "../suites/storage.mjs";

testStorage({ test, evertoken });
