// The worker under test: runs one test of the suites by name, in workerd and on Durable Objects.

import { Hono } from "hono";
import * as hono from "hono/jwt";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as adapter from "../../src/js/adapters/hono.js";
import * as edge from "../../src/js/edge/workerd.js";
import { testStore } from "../../src/js/stores/contract.js";
import { durableObjectStore, EvertokenStore } from "../../src/js/stores/durable-object.js";
import { testCache } from "../suites/cache.mjs";
import { testHono } from "../suites/hono.mjs";
import { testIssuing } from "../suites/issuing.mjs";
import { testPeers } from "../suites/peers.mjs";

export { EvertokenStore };

/** @param {{ ACCOUNTS: any }} env */
const tests = (env) => {
  const found = new Map();
  const test = (/** @type {string} */ name, /** @type {() => Promise<void>} */ run) => found.set(name, run);
  const makeStore = () => durableObjectStore(env.ACCOUNTS);
  testIssuing({ test, edge, jose, makeStore });
  testPeers({ test, edge, jose, hono, oauth, makeStore });
  testHono({ test, edge, Hono, adapter, makeStore });
  testCache({ test, evertoken: edge });
  testStore(makeStore, { test });
  return found;
};

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const name = new URL(request.url).searchParams.get("test");
    if (name === null) return Response.json([...tests(env).keys()]);
    try {
      await tests(env).get(name)();
      return Response.json({ passed: true });
    } catch (error) {
      return Response.json({ passed: false, error: error instanceof Error ? error.stack : String(error) });
    }
  },
};
