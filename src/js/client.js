// JS because it must be there before the wasm is: a client can be made, and asked, at once.

import { frozen, typed } from "./decode.js";
import { TokenError, tokenError } from "./errors.js";

/** @type {any} */
const LOADING = Object.freeze({ status: "loading", generation: 0 });

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

/** @param {import("./module.js").Wasm<any>} wasm */
export const clients = (wasm) => ({
  createClient: (/** @type {object} */ options) => {
    /** @type {any} */
    let session;
    let automatic = true;
    let disposed = false;
    let snapshot = LOADING;
    let seen = "";
    /** @type {{ json: string, claims: object } | undefined} */
    let claims;
    /** @type {Promise<void> | undefined} */
    let ready;
    /** @type {Set<{ event: string, listener: Function }>} */
    const listening = new Set();

    /** A new object only when something in it is new: React compares by identity. */
    const refreshSnapshot = () => {
      const lastError = session.lastError();
      const json = session.snapshot();
      const now = json + JSON.stringify(lastError);
      if (now === seen) return;
      seen = now;
      snapshot = Object.freeze({ ...JSON.parse(json), ...(lastError && { lastError: tokenError(lastError) }) });
    };

    /** Hears of a new snapshot, which has no name, and of events. */
    const tell = (/** @type {string} */ name, /** @type {any} */ detail) => {
      if (disposed) return;
      // While the session is being made there is nobody to look at yet.
      if (!session) return void queueMicrotask(() => session && tell(name, detail));
      if (name === "") refreshSnapshot();
      const said = name === "" ? undefined : detailOf(detail);
      for (const { event, listener } of [...listening]) if (event === name) call(listener, said);
    };

    const detailOf = (/** @type {any} */ detail) => {
      refreshSnapshot();
      if (detail === undefined) return snapshot;
      if (detail.error) return Object.freeze({ error: tokenError(detail.error), retryAt: snapshot.refreshAt });
      if (detail.reason) return Object.freeze({ ...detail, ...(snapshot.expiresAt && { expiresAt: snapshot.expiresAt }) });
      return tokenError(detail);
    };

    const open = (/** @type {any} */ glue) => {
      if (disposed && !session) throw disposedOf();
      if (!session) {
        session = typed(() => new glue.Session(options, tell));
        if (!automatic) session.autoRefresh(false);
        refreshSnapshot();
      }
      return session;
    };
    const opened = async () => session ?? open(wasm.immediate ? wasm.sync() : await wasm.ready());

    /** @param {(session: any) => unknown} ask */
    const asking = async (ask) => {
      const asked = session ?? (await opened());
      try {
        return await ask(asked);
      } catch (thrown) {
        throw tokenError(thrown);
      }
    };

    const on = (/** @type {string} */ event, /** @type {Function} */ listener) => {
      const entry = { event, listener };
      listening.add(entry);
      return () => void listening.delete(entry);
    };

    const automatically = (/** @type {boolean} */ wanted) => {
      automatic = wanted;
      session?.autoRefresh(wanted);
    };

    const dispose = () => {
      disposed = true;
      session?.dispose();
      listening.clear();
    };

    // What is stored is taken up at once; whoever wants to know how that went asks `ready`.
    opened().catch(() => {});

    return Object.freeze({
      get ready() {
        if (!ready) {
          ready = opened().then(() => {});
          // Whoever does not wait for it gets no unhandled rejection: every method says the same.
          // One promise, as React's `use` needs it, unless loading failed and is tried again.
          ready.catch(() => (ready = undefined));
        }
        return ready;
      },
      setTokens: (/** @type {object} */ response) => asking((session) => session.setTokens(response)),
      getAccessToken: (/** @type {object | undefined} */ wanted) => asking((session) => session.getAccessToken(wanted)),
      getClaims: () => {
        const json = session?.claims();
        if (json === undefined) return null;
        if (claims?.json !== json) claims = { json, claims: frozen(json) };
        return /** @type {any} */ (claims).claims;
      },
      getSnapshot: () => snapshot,
      subscribe: (/** @type {Function} */ listener) => on("", listener),
      fetch: (/** @type {unknown} */ input, /** @type {object | undefined} */ init) => asking((session) => session.fetch(input, init)),
      signOut: (/** @type {{ scope?: string } | undefined} */ wanted) => asking((session) => session.signOut(wanted?.scope)),
      on,
      start: () => automatically(true),
      stop: () => automatically(false),
      dispose,
      ...(Symbol.dispose && { [Symbol.dispose]: dispose }),
    });
  },
});
