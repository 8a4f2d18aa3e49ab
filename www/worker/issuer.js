// The demo's issuer: one client, keys that can be changed while it runs, and roles asked at every renewal.

import { createIssuer } from "evertoken/edge";
import { record } from "./events.js";
import { roleOf } from "./roles.js";

/** The one client there is: the page. */
export const CLIENT_ID = "demo-page";

/**
 * Cheap enough for every request: keys are imported once per isolate.
 * @param {any} env
 * @param {import("evertoken/edge").Store} store
 * @param {{ keys: import("evertoken/edge").Jwk[], now: () => number, waitUntil: (work: Promise<unknown>) => void }} request
 */
export const openIssuer = (env, store, { keys, now, waitUntil }) =>
  createIssuer({
    issuer: env.ISSUER,
    audience: env.AUDIENCE,
    signingKeys: keys,
    secrets: [env.REFRESH_SECRET],
    store,
    clients: { [CLIENT_ID]: {} },
    accessTokenTtl: Number(env.ACCESS_TOKEN_TTL),
    refreshToken: { grace: Number(env.REFRESH_GRACE) },
    // Asked at every issue and refresh, so a role that changes is in the next token.
    claims: async ({ subject }) => ({ role: await roleOf(store, subject) }),
    onEvent: (event) => {
      console.log(JSON.stringify(event));
      waitUntil(record(store, event));
    },
    now,
  });
