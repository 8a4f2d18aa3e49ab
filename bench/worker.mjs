// The worker that runs batches: its own clock stands still meanwhile, so whoever asks holds the watch.

import * as main from "../src/js/workerd.js";
import * as edge from "../src/js/edge/workerd.js";
import * as hono from "hono/jwt";
import * as jose from "jose";
import tsndr from "@tsndr/cloudflare-worker-jwt";
import { contestants } from "./contestants.mjs";

/** @type {import("./contestants.mjs").Contestant[]} */
let all;

export default {
  async fetch(request) {
    if (request.method === "PUT") {
      all = await contestants(await request.json(), { edge, main, jose, hono, tsndr });
      return Response.json(all.map(({ group, name, aside }) => ({ group, name, aside })));
    }
    const { searchParams } = new URL(request.url);
    await all[Number(searchParams.get("index"))]?.run(Number(searchParams.get("n")));
    return new Response();
  },
};
