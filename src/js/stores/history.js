// JS because the contract is: whether what a store answered to many at once has one order that explains it.

/** @typedef {{ kind: "read" | "write", from: number, to: number, expected: string | null, version: string | null }} Step */

/**
 * A store that writes down what it was asked, when, and what it answered.
 * @param {any} store
 */
export const recorded = (store) => {
  /** @type {Step[]} */
  const history = [];
  let tick = 0;
  return {
    history,
    watched: {
      get: async (/** @type {string} */ key) => {
        const from = ++tick;
        const found = await store.get(key);
        history.push({ kind: "read", from, to: ++tick, expected: null, version: found?.version ?? null });
        return found;
      },
      compareAndSet: async (/** @type {string} */ key, /** @type {string | null} */ expected, /** @type {string} */ value, /** @type {number} */ end) => {
        const from = ++tick;
        const answer = await store.compareAndSet(key, expected, value, end);
        if (answer.ok) history.push({ kind: "write", from, to: ++tick, expected, version: answer.version });
        return answer;
      },
    },
  };
};

/**
 * Throws unless the writes of one key, none of which deleted it, are one chain from nothing in an order
 * that time allows, and each read saw a state of it that was current at some instant while it was asked.
 * @param {Step[]} history
 */
export const checkHistory = (history) => {
  const chain = chained(history.filter(({ kind }) => kind === "write"));
  for (const [at, { from }] of chain.entries()) {
    if (chain.slice(at + 1).some(({ to }) => to < from)) throw new Error("a write took effect before one that had ended when it began");
  }
  const reads = history.filter(({ kind }) => kind === "read").map((read) => ({ ...read, state: seen(chain, read) }));
  for (const { to, state } of reads) {
    if (reads.some((later) => later.from > to && later.state < state)) throw new Error("a read saw less than one that had ended when it began");
  }
};

/**
 * The order in which the writes took effect: each names the version that it replaced.
 * @param {Step[]} writes
 */
const chained = (writes) => {
  const chain = [];
  for (let version = /** @type {string | null} */ (null); chain.length < writes.length; ) {
    const next = writes.filter(({ expected }) => expected === version);
    if (next.length !== 1 || !next[0]) throw new Error(`${next.length} writes replaced version ${version}, where there should be one`);
    chain.push(next[0]);
    version = next[0].version;
  }
  return chain;
};

/**
 * How many writes of the chain a read saw.
 * @param {Step[]} chain
 * @param {Step} read
 */
const seen = (chain, { version, from, to }) => {
  const state = version === null ? 0 : chain.findIndex((write) => write.version === version) + 1;
  if (state === 0 && version !== null) throw new Error(`a read gave version ${version}, which no write was given`);
  const [last, next] = [chain[state - 1], chain[state]];
  if (last && last.from > to) throw new Error("a read saw a write that had not begun");
  if (next && next.to < from) throw new Error("a read did not see a write that had ended before it began");
  return state;
};
