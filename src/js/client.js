// JS because it must be there before the wasm is: a client can be made, and asked, at once.

import { authorized, unlessAborted } from "./client/fetch.js";
import { endOthers, json } from "./client/requests.js";
import { prepared } from "./client/shell.js";
import { frozen, typed } from "./decode.js";
import { TokenError, tokenError } from "./errors.js";

/** @type {any} */
const LOADING = Object.freeze({ status: "loading", generation: 0 });

const EVENTS = ["signedIn", "refreshed", "refreshDeferred", "expiring", "idleCountdown", "sessionChanged", "ended", "warning"];

const wrong = (/** @type {string} */ option, /** @type {string} */ message) => new TokenError({ code: "ERR_OPTIONS", option, message });

const disposedOf = () => new TokenError({ code: "ERR_NOT_READY", message: "this client was disposed of; create another one" });

/** What a listener throws is the application's to see, and nobody else's to stumble over. */
const report = (/** @type {unknown} */ error) => {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
};

const call = (/** @type {Function} */ listener, /** @type {unknown} */ detail) => {
  try {
    listener(detail);
  } catch (error) {
    report(error);
  }
};

/** @typedef {import("./module.js").Wasm<any> & { tools?: any }} Module  with what verifies and decodes */

/**
 * `createClient`, over the module that is chosen for its options.
 * @param {(options: any) => Module} choose
 * @param {import("./client/fetch.js").Follow} [follow]
 */
export const clients = (choose, follow) => (/** @type {object} */ options) => {
  const wasm = choose(options);
  // It takes longer to come than all else that is done, even to compile this.
  if (!wasm.immediate) wasm.ready().catch(() => {});
  return client(wasm, options, follow);
};

const client = (/** @type {Module} */ wasm, /** @type {object} */ options, /** @type {import("./client/fetch.js").Follow | undefined} */ follow) => {
  /** @type {import("./client/shell.js").Running | undefined} */
  let session;
  let automatic = true;
  let disposed = false;
  /** What was prepared while the module was on its way. @type {ReturnType<typeof prepared> | undefined} */
  let early;
  let snapshot = LOADING;
  let seen = "";
  /** @type {{ json: string, claims: object } | undefined} */
  let claims;
  /** The token that was given last. @type {import("./client/shell.js").Granted | undefined} */
  let last;
  /** @type {Promise<void> | undefined} */
  let ready;
  /** @type {Set<{ event: string | undefined, listener: Function }>} */
  const listening = new Set();

  /** A new object only when something in it is new: React compares by identity. */
  const refreshSnapshot = () => {
    const json = session?.snapshot();
    if (json === undefined || json === seen) return;
    seen = json;
    const { lastError, ...rest } = JSON.parse(json);
    snapshot = Object.freeze({ ...rest, ...(lastError && { lastError: tokenError(lastError) }) });
    // What is over is not kept.
    last = undefined;
  };

  const detailOf = (/** @type {any} */ { error, reason, event, endsAt }) => {
    if (event === "warning") return tokenError(error);
    if (event === "idleCountdown") return Object.freeze(endsAt === undefined ? {} : { endsAt });
    if (error) return Object.freeze({ error: tokenError(error), retryAt: snapshot.refreshAt });
    if (reason) return Object.freeze({ reason, ...(snapshot.expiresAt && { expiresAt: snapshot.expiresAt }) });
    return snapshot;
  };

  /** Hears of events, and of a new snapshot, which has no name. */
  const tell = (/** @type {any} */ said) => {
    if (disposed) return;
    // While the session is being made there is nobody to look at yet.
    if (!session) return void queueMicrotask(() => session && tell(said));
    refreshSnapshot();
    const detail = said.event && detailOf(said);
    for (const { event, listener } of [...listening]) if (event === said.event) call(listener, detail);
  };

  const open = (/** @type {any} */ glue) => {
    const stored = session?.lost();
    if (disposed && (!session || stored)) throw disposedOf();
    if (!session || stored) {
      session = undefined;
      // Of the next session, which counts from the start.
      last = undefined;
      const begin = early ?? prepared(options, tell);
      early = undefined;
      session = typed(() => begin(glue, { ...wasm.tools, wasm, call, stored }));
      if (!automatic) session.happened("manual");
      refreshSnapshot();
    }
    return session;
  };
  const live = () => (session?.lost() ? undefined : session);
  const opened = async () => live() ?? open(wasm.immediate ? wasm.sync() : await wasm.ready());

  /**
   * @template T
   * @param {(session: import("./client/shell.js").Running) => Promise<T>} ask
   * @param {boolean} [again]  whether it may be asked of the next session, should this one be lost
   * @returns {Promise<T>}
   */
  const asking = async (ask, again = true) => {
    const asked = live() ?? (await opened());
    try {
      return await ask(asked);
    } catch (thrown) {
      if (again && asked.lost()) return asking(ask, false);
      throw tokenError(thrown);
    }
  };

  /** A token that lives for so many seconds: the one at hand without asking anybody, or else the session's answer. */
  const granted = async (/** @type {import("./client/shell.js").Running} */ session, seconds = 0, force = false) => {
    if (last && !force && session.serves(last, seconds)) return last;
    const grant = await session.call({ do: "ask", seconds, force });
    return (last = grant ?? undefined) ?? null;
  };

  const getAccessToken = async (/** @type {{ minValidity?: number, forceRefresh?: boolean, signal?: AbortSignal } | undefined} */ wanted) => {
    // Asked before every request, and nearly always this: one promise, and nothing else.
    if (!wanted && last && live()?.serves(last, 0)) return last.token;
    const { minValidity = 0, forceRefresh = false, signal } = wanted ?? {};
    if (!(typeof minValidity === "number" && minValidity >= 0)) {
      throw wrong("minValidity", "this must be a number of seconds");
    }
    // What lasts for ever is no number in JSON.
    const seconds = Math.min(minValidity, Number.MAX_SAFE_INTEGER);
    const ask = () => asking(async (session) => (await granted(session, seconds, Boolean(forceRefresh)))?.token ?? null);
    if (signal === undefined || signal === null) return ask();
    if (typeof signal.throwIfAborted !== "function") throw wrong("signal", "this must be an AbortSignal");
    return unlessAborted(signal, ask);
  };

  const signOut = async (/** @type {{ scope?: string } | undefined} */ wanted) => {
    const { scope = "session" } = wanted ?? {};
    if (!["session", "local", "others", "all"].includes(scope)) {
      throw wrong("scope", 'this must be "session", "local", "others" or "all"');
    }
    return asking(async (session) => {
      const others = async () => endOthers(session.host, session.server, (await granted(session))?.token);
      if (scope === "others") return others();
      const signOut = () => session.call({ do: "signOut", revoke: scope !== "local" });
      // Whatever becomes of the others, here somebody signs out.
      return scope === "all" ? others().finally(signOut) : signOut();
    });
  };

  const listen = (/** @type {string | undefined} */ event, /** @type {Function} */ listener) => {
    if (typeof listener !== "function") throw wrong("listener", "this must be a function");
    const entry = { event, listener };
    listening.add(entry);
    return () => void listening.delete(entry);
  };

  const automatically = (/** @type {boolean} */ wanted) => {
    automatic = wanted;
    session?.happened(wanted ? "auto" : "manual");
  };

  const dispose = () => {
    disposed = true;
    session?.dispose();
    listening.clear();
    last = undefined;
  };

  // What is stored is taken up at once; whoever wants to know how that went asks `ready`.
  opened().catch(() => {});
  if (!session) {
    try {
      early = prepared(options, tell);
    } catch {
      // Whoever asks for something is told.
    }
  }

  return Object.freeze({
    get ready() {
      if (!ready) {
        ready = asking((session) => session.loaded);
        // Whoever does not wait for it gets no unhandled rejection: every method says the same.
        // One promise, as React's `use` needs it, unless loading failed and is tried again.
        ready.catch(() => (ready = undefined));
      }
      return ready;
    },
    setTokens: (/** @type {object} */ response) =>
      asking(async (session) => {
        const text = json(response);
        if (session.checks) await session.checks.check(Object(response).access_token);
        return session.call({ do: "tokens", json: text, entropy: session.host.entropy() });
      }),
    getAccessToken,
    getClaims: () => {
      const json = session?.claims();
      if (json === undefined) return null;
      if (claims?.json !== json) claims = { json, claims: frozen(json) };
      return /** @type {any} */ (claims).claims;
    },
    getSnapshot: () => snapshot,
    subscribe: (/** @type {Function} */ listener) => listen(undefined, listener),
    fetch: (/** @type {RequestInfo | URL} */ input, /** @type {object | undefined} */ init) =>
      asking((session) => authorized(session, () => granted(session), follow, input, init), false),
    signOut,
    on: (/** @type {string} */ event, /** @type {Function} */ listener) => {
      if (!EVENTS.includes(event)) throw wrong("event", "there is no event of this name; is it misspelt?");
      return listen(event, listener);
    },
    activity: () => session?.happened("active"),
    start: () => automatically(true),
    stop: () => automatically(false),
    dispose,
    ...(Symbol.dispose && { [Symbol.dispose]: dispose }),
  });
};
