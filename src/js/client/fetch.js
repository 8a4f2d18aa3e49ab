// JS because requests and bodies are the host's: the application's requests with its token, once more after a 401.

import { originOf } from "./options.js";

/** Streams and iterators can be read once only. @param {any} body */
export const isStream = (body) =>
  body !== null && typeof body === "object" && (body.getReader !== undefined || Symbol.asyncIterator in body);

/**
 * The request's body, which must be the same both times.
 * @param {RequestInfo | URL} input
 * @param {any} init
 */
const requestOf = (input, init) => {
  const factory = typeof init?.body === "function" ? init.body : undefined;
  if (!factory) {
    // `init` itself: another `Request` may stand in for it, which has no members of its own.
    const request = new Request(input, init);
    const replayable = !isStream(init?.body);
    return { request, again: replayable ? () => request.clone() : undefined, early: true };
  }
  const make = () => {
    const body = factory();
    // `duplex` is what hosts ask for before they send a stream.
    return new Request(input, { ...init, body, ...(isStream(body) && { duplex: "half" }) });
  };
  return { request: make(), again: make, early: false };
};

/**
 * What is asked for comes to, unless whoever waits for it gives up before.
 * @template T
 * @param {AbortSignal} signal
 * @param {() => Promise<T>} ask
 */
export const unlessAborted = async (signal, ask) => {
  signal.throwIfAborted();
  /** @type {() => void} */
  let heard = () => {};
  /** @type {Promise<never>} */
  const aborted = new Promise((_, reject) => signal.addEventListener("abort", (heard = () => reject(signal.reason))));
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    signal.removeEventListener("abort", heard);
  }
};

/**
 * Follows redirects where the host would take the token along.
 * @typedef {(send: (request: Request) => Promise<Response>, request: Request, copy: () => Request | undefined) => Promise<Response>} Follow
 */

/**
 * `fetch` with the token, where it may travel.
 * @param {import("./shell.js").Running} session
 * @param {() => Promise<import("./shell.js").Granted | null>} granted  the token at hand, or the next one
 * @param {Follow | undefined} follow  nothing in browsers, which let no token travel to another origin
 * @param {RequestInfo | URL} input
 * @param {any} init
 */
export const authorized = async (session, granted, follow, input, init) => {
  const { request, again, early } = requestOf(input, init);
  const { host } = session;
  const origin = originOf(request.url);
  // Whoever sets the header sees to it.
  if (init?.skipAuth || request.headers.has("authorization") || !(origin && session.maySee(origin))) return host.fetch(request);

  const used = await unlessAborted(request.signal, granted);
  if (!used) return host.fetch(request);
  const attach = (/** @type {Request} */ to, /** @type {string} */ token) => (to.headers.set("authorization", `Bearer ${token}`), to);
  attach(request, used.token);
  // A body is read by sending it, so its copy is made before.
  const spare = early && again?.();
  const copy = () => (spare ? spare.clone() : again?.());
  const send = (/** @type {Request} */ request) => (follow ? follow(host.fetch, request, copy) : host.fetch(request));
  /** Sends it, and takes the renewed token that may come along, unless it was answered elsewhere. */
  const sent = async (/** @type {Request} */ request, /** @type {import("./shell.js").Granted} */ granted) => {
    const response = await send(request);
    const elsewhere = response.redirected && originOf(response.url) !== origin;
    const { renewedTokenHeader } = session.server;
    const renewed = !elsewhere && renewedTokenHeader && response.headers?.get(renewedTokenHeader);
    if (renewed) await session.passed(granted, renewed);
    return { response, elsewhere };
  };
  const { response: first, elsewhere } = await sent(request, used);
  // Whoever was redirected to says nothing about a token that stayed behind.
  if (first.status !== 401 || !again || elsewhere) return first;

  const challenge = first.headers?.get("www-authenticate") ?? undefined;
  const next = await unlessAborted(request.signal, () =>
    session.call({ do: "unauthorized", session: used.session, generation: used.generation, challenge }),
  );
  if (!next) return first;
  const { response: second } = await sent(attach(/** @type {Request} */ (copy()), next.token), next);
  const accepted = second.status !== 401;
  session.told({ do: "replayed", session: next.session, generation: next.generation, accepted });
  // Nobody reads the other one, so its connection is free; one that broke meanwhile is no error of the application's.
  (accepted ? first : second).body?.cancel().catch(() => {});
  return accepted ? second : first;
};
