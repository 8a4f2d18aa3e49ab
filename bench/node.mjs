// Node: in this process.

import { createRequire } from "node:module";
import * as main from "../src/js/node.js";
import * as edge from "../src/js/edge/node.js";
import * as jose from "jose";
import { contestants } from "./contestants.mjs";

const fastJwt = createRequire(import.meta.url)("fast-jwt");

/** @param {import("./material.mjs").Material} material */
export async function node(material) {
  const all = await contestants(material, { edge, main, jose, fastJwt });
  const ask = async (index, n) => {
    const since = performance.now();
    await all[index].run(n);
    return performance.now() - since;
  };
  return { version: `Node ${process.versions.node}`, all, ask, stop: async () => {} };
}
