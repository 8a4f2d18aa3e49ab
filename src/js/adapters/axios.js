// JS because axios is: its requests go through a client's `fetch`, so that one set of rules holds for both.

import { isStream } from "../client/fetch.js";

/** @typedef {(input: any, init?: any) => Promise<Response>} Send */

/** axios keeps something for each `fetch` it has met, so a client has these for ever. @type {WeakMap<object, { again: Send, once: Send }>} */
const senders = new WeakMap();

/** @param {{ fetch: Send }} client */
const sendersOf = (client) => {
  const { fetch } = client;
  const made = senders.get(client) ?? {
    again: (input, init) => fetch(input, init),
    // axios has wrapped the stream into a request, which looks as if it could be had again.
    once: (request, init) => fetch(request, { ...init, body: request.body, duplex: "half" }),
  };
  senders.set(client, made);
  return made;
};

/**
 * The instance's requests go out with the client's token; the function that is returned ends that.
 * @param {{ interceptors: { request: { use: (...args: any[]) => number, eject: (id: number) => void } } }} instance
 * @param {{ fetch: Send }} client
 */
export const attach = ({ interceptors: { request } }, client) => {
  const { again, once } = sendersOf(client);
  const through = (/** @type {any} */ config) => {
    // An application with an adapter of its own, as mocks are, sees to its requests itself.
    if (typeof config.adapter === "function") return config;
    config.adapter = "fetch";
    // On Node axios would make forms of a kind that `fetch` does not know.
    const { FormData, Request } = globalThis;
    config.env = { ...config.env, FormData, Request, fetch: isStream(config.data) ? once : again };
    return config;
  };
  const id = request.use(through, undefined, { synchronous: true });
  return () => request.eject(id);
};
