// The worker under measurement: every contestant in one isolate. Its clock stands still, so whoever asks holds the watch.

import * as edge from "../src/js/edge/workerd.js";
import { d1Store } from "../src/js/stores/d1.js";
import { durableObjectStore } from "../src/js/stores/durable-object.js";
import { evertoken, optionsOf } from "./issue-material.mjs";
import { openauth, workersOauthProvider } from "./issue-peers.mjs";

// openauth writes a line for each request.
console.log = () => {};

/** Each has a store of its own for each number of sessions. */
const contestants = {
  "evertoken, Durable Objects": (env, sessions) => evertoken(edge.createIssuer(optionsOf(JSON.parse(env.MATERIAL), durableObjectStore(env[`SESSIONS_${sessions}`])))),
  "evertoken, D1": (env, sessions) => evertoken(edge.createIssuer(optionsOf(JSON.parse(env.MATERIAL), d1Store(env[`DB_${sessions}`])))),
  "workers-oauth-provider, Workers KV": (env, sessions) => workersOauthProvider({ OAUTH_KV: env[`OAUTH_KV_${sessions}`] }),
  "openauth, Workers KV": (env, sessions) => openauth({ OPENAUTH_KV: env[`OPENAUTH_KV_${sessions}`] }),
};

/** Each is made once. */
const made = new Map();
const contestant = (name, sessions, env) => {
  const key = `${name} ${sessions}`;
  return made.get(key) ?? made.set(key, contestants[name](env, sessions)).get(key);
};

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/names") return Response.json(Object.keys(contestants));
    const { begin, signIn, refresh } = contestant(searchParams.get("name"), searchParams.get("sessions"), env);
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
