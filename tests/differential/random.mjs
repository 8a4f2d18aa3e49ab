// Randomness that can be replayed: the same seed and index give the same choices.

/** @typedef {ReturnType<typeof random>} Random */

/** A generator (sfc32) for one index under one seed. */
export function random(seed, index) {
  let [a, b, c, d] = [seed | 0, index | 0, Math.trunc(index / 2 ** 32) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  // Neighbouring indices start alike, and part within a dozen steps.
  for (let step = 0; step < 15; step++) next();

  const int = (below) => Math.floor((next() / 2 ** 32) * below);
  return {
    /** A whole number from 0, smaller than `below`. */
    int,
    /** True once in `times` on average. */
    oneIn: (times) => int(times) === 0,
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => list[int(list.length)],
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}
