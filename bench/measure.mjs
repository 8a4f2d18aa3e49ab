// Paired, interleaved timing: in each round everybody runs once, so that what disturbs the machine disturbs all.

const ROUNDS = 5;

/**
 * @typedef {object} Result
 * @property {string} group
 * @property {string} name
 * @property {number} us  median of the rounds
 * @property {number[]} rounds  each of them
 * @property {number} [timesAsFast]  as jose
 * @property {boolean} [aside]
 */

/**
 * @param {{ group: string, name: string, aside?: boolean }[]} all
 * @param {(index: number, n: number) => Promise<number>} ask  runs contestant `index` n times, gives milliseconds
 * @param {{ batch: number, onGroup?: (group: string, results: Result[]) => void }} options  `batch`: milliseconds that one turn should take
 */
export async function measured(all, ask, { batch, onGroup }) {
  /** @type {Result[]} */
  const results = [];
  for (const group of new Set(all.map((one) => one.group))) {
    const indices = all.flatMap((one, index) => (one.group === group ? [index] : []));
    const counts = new Map();
    for (const index of indices) counts.set(index, await calibrated(ask, index, batch));
    const times = new Map(indices.map((index) => [index, []]));
    for (let round = 0; round < ROUNDS; round++) {
      // Everybody goes first once in a while.
      for (let turn = 0; turn < indices.length; turn++) {
        const index = indices[(turn + round) % indices.length];
        times.get(index).push(((await ask(index, counts.get(index))) * 1000) / counts.get(index));
      }
    }
    const jose = indices.find((index) => all[index].name === "jose");
    const found = indices.map((index) => ({
      group,
      name: all[index].name,
      us: median(times.get(index)),
      rounds: times.get(index).map((us) => Number(us.toFixed(3))),
      ...(all[index].aside && { aside: true }),
      ...(jose !== undefined && { timesAsFast: median(times.get(index).map((us, round) => times.get(jose)[round] / us)) }),
    }));
    results.push(...found);
    onGroup?.(group, found);
  }
  return results;
}

/** How often it must run to take about as long as asked; warms it up on the way. */
async function calibrated(ask, index, batch) {
  let n = 8;
  for (;;) {
    // The shorter of two: one alone may have been disturbed.
    const ms = Math.min(await ask(index, n), await ask(index, n));
    if (ms >= batch / 3) return Math.max(1, Math.round((n * batch) / ms));
    n = Math.ceil(n * Math.min(8, Math.max(2, batch / Math.max(ms, 0.1))));
  }
}

export const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
