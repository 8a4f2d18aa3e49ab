// JS because locks are the page's: tabs take turns to refresh, so that one request serves them all. Nothing depends on
// it: whoever has waited long enough, or has no locks, goes without.

/** Browsers give locks on before the processes of other tabs see what was stored meanwhile, by milliseconds. */
const LINGER = 100;

/**
 * @param {import("./host.js").Host} host
 * @param {string} name
 * @param {number} patience  milliseconds
 */
export const turnsOf = (host, name, patience) => {
  /** Ends the turn that this tab has. @type {(() => void) | undefined} */
  let release;
  /** @type {any} */
  let lingering;
  /** What gives each wait up, and goes on without. @type {Set<() => void>} */
  const waiting = new Set();
  /** What waits for the page to come back. @type {(() => void)[] | undefined} */
  let parked;

  const stay = () => {
    if (lingering !== undefined) host.clearTimeout(lingering);
    lingering = undefined;
  };
  const leave = () => {
    stay();
    release?.();
    release = undefined;
  };

  return {
    /** Runs it when its turn has come, or does not come. */
    take: (/** @type {() => void} */ run) => {
      const { locks } = host;
      if (release) stay();
      if (release || !locks) return run();
      const wait = new AbortController();
      // Not every lock manager hears of it, and not every page that is put aside learns that it did.
      const giveUp = () => (wait.abort(), begin());
      waiting.add(giveUp);
      const timer = host.setTimeout(giveUp, patience);
      const begin = () => {
        if (!waiting.delete(giveUp)) return;
        host.clearTimeout(timer);
        if (parked) parked.push(run);
        else run();
      };
      const turn = async () =>
        waiting.has(giveUp) && new Promise((/** @type {(value?: undefined) => void} */ done) => ((release = done), begin()));
      // A lock of the application's may throw at once.
      (async () => locks.request(name, { signal: wait.signal }, turn))().then(begin, begin);
    },
    /** The turn is over; after a change to storage once other processes have had the time to see it. */
    end: (/** @type {boolean} */ changed) => {
      if (!release || lingering !== undefined) return;
      if (changed) lingering = host.setTimeout(leave, LINGER);
      else leave();
    },
    leave,
    /** A page that is put aside holds nothing, so that it may be kept and nobody waits for it. */
    pause: () => {
      parked ??= [];
      leave();
      for (const giveUp of [...waiting]) giveUp();
    },
    resume: () => {
      const runs = parked ?? [];
      parked = undefined;
      for (const run of runs) run();
    },
  };
};
