// What the issuer's tests share: an issuer on a clock of our own, over a store that can be watched and broken.

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "https://api.example";
const SECRET = "a secret for tests, of at least 32 bytes";

export const attempt = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
};

/** Counts what a store is asked, and lets a test stand in its way. */
export const watched = (store) => {
  const watch = {
    reads: 0,
    writes: 0,
    records: new Map(),
    /** @type {undefined | ((call: "get" | "compareAndSet", go: () => Promise<any>) => Promise<any>)} */
    intercept: undefined,
    reset: () => void (watch.reads = watch.writes = 0),
  };
  const through = (call, go) => (watch.intercept ? watch.intercept(call, go) : go());
  return {
    watch,
    store: {
      capabilities: store.capabilities,
      get: (key) => {
        watch.reads++;
        return through("get", () => store.get(key));
      },
      compareAndSet: (key, expected, value, expiresAt) => {
        watch.writes++;
        return through("compareAndSet", async () => {
          const answer = await store.compareAndSet(key, expected, value, expiresAt);
          if (answer.ok) watch.records.set(key, value);
          return answer;
        });
      },
    },
  };
};

/**
 * @param {{ edge: any, makeStore: () => any }} runtime
 * @param {object} [options]  of createIssuer, over the usual ones
 */
export const world = async ({ edge, makeStore }, options = {}) => {
  const key = await edge.generateKey("ES256");
  const { store, watch } = watched(await makeStore());
  const events = [];
  // Subjects are random: a store may be shared with tests that ran before.
  const subject = `user-${crypto.randomUUID()}`;
  const clock = { now: 1_800_000_000_000, pass: (seconds) => void (clock.now += seconds * 1000) };
  const all = {
    issuer: ISSUER,
    audience: AUDIENCE,
    signingKeys: [key],
    secrets: [SECRET],
    store,
    now: () => clock.now,
    onEvent: (event) => void events.push(event),
    ...options,
  };
  const issuer = edge.createIssuer(all);
  return {
    issuer,
    options: all,
    clock,
    events,
    watch,
    subject,
    key,
    signIn: (more = {}) => issuer.issue({ subject, clientId: "web", ...more }),
    refresh: (tokens, more = {}) => issuer.refresh(tokens.refresh_token ?? tokens, { clientId: "web", ...more }),
    kinds: () => events.map(({ type }) => type),
  };
};

export const claimsOf = (tokens) => JSON.parse(atob(tokens.access_token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));

/** A form as it is posted to `/token`, or elsewhere. */
export const form = (fields, init = {}) =>
  new Request(`${ISSUER}${init.path ?? "/token"}`, { method: "POST", body: new URLSearchParams(fields), ...init });

/** The fields of a refresh. */
export const grantOf = (tokens, more = {}) => ({ grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? tokens, client_id: "web", ...more });

/** What must be equal between an answer and its repeat; ECDSA signatures may differ. */
export const terms = (tokens) => ({ refresh: tokens.refresh_token, generation: tokens.generation, claims: claimsOf(tokens) });

/** Runs `work` in a world where nobody waits longer than a moment. */
export const hurried = async (work) => {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (run, milliseconds, ...more) => setTimeout(run, Math.min(milliseconds, 20), ...more);
  try {
    return await work();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
};
