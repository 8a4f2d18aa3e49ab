// The worker under measurement: every contestant in one isolate. Its clock stands still, so whoever asks holds the watch.

import * as edge from "../src/js/edge/workerd.js";
import { d1Store } from "../src/js/stores/d1.js";
import { durableObjectStore, EvertokenStore } from "../src/js/stores/durable-object.js";
import { evertoken, optionsOf } from "./issue-material.mjs";
import { openauth, workersOauthProvider } from "./issue-peers.mjs";

export { EvertokenStore };

// openauth writes a line for each request.
console.log = () => {};

const contestants = {
  "evertoken, Durable Objects": (env) => evertoken(edge.createIssuer(optionsOf(JSON.parse(env.MATERIAL), durableObjectStore(env.SESSIONS)))),
  "evertoken, D1": (env) => evertoken(edge.createIssuer(optionsOf(JSON.parse(env.MATERIAL), d1Store(env.DB)))),
  "workers-oauth-provider, Workers KV": workersOauthProvider,
  "openauth, Workers KV": openauth,
};

/** Each is made once. */
const made = new Map();
const contestant = (name, env) => made.get(name) ?? made.set(name, contestants[name](env)).get(name);

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/names") return Response.json(Object.keys(contestants));
    const { begin, signIn, refresh } = contestant(searchParams.get("name"), env);
    try {
      if (pathname === "/refresh") return new Response(await refresh(await request.text(), context));
      const subjects = JSON.parse(await request.text());
      await begin?.(context);
      return Response.json(await Promise.all(subjects.map((subject) => signIn(subject, context))));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
