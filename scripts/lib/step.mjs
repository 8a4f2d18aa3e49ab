// Says what is being done and how long it took.

const started = performance.now();

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Seconds since this program started. */
export const total = () => seconds(started);

/** What a step returns when there was nothing to do. */
export const upToDate = Symbol("up to date");

/**
 * Runs one step. The line is printed when it ends, and also when it starts where it may take long,
 * so that steps that run side by side do not write into each other's lines.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work  may return `upToDate`
 * @param {{ long?: string }} [options]  `long`: what to say at the start
 * @returns {Promise<T>}
 */
export async function step(name, work, { long } = {}) {
  const since = performance.now();
  if (long) console.log(`  … ${name}: ${long}`);
  try {
    const result = await work();
    console.log(`  ✓ ${name}${result === upToDate ? ", up to date" : ""}  ${seconds(since)}`);
    return result;
  } catch (error) {
    console.log(`  ✗ ${name}  ${seconds(since)}`);
    throw error;
  }
}

/** Prints a failure in full: what the program that failed had said, or the error itself. */
export function explain(error) {
  if (typeof error?.output !== "string") return console.error(error);
  if (error.output) console.error(`\n${error.output.trimEnd()}\n`);
  console.error(error.message);
}
