// Tests that run where node:test does not: collected by name, run a few at a time, reported as plain objects.

/** A runner's `test`, and what was handed to it. */
export const collection = () => {
  /** @type {Map<string, () => unknown>} */
  const tests = new Map();
  return { tests, test: (name, run) => void tests.set(name, run) };
};

/** @param {() => unknown} run */
export const outcome = async (run) => {
  try {
    await run();
    return { passed: true };
  } catch (error) {
    return { passed: false, error: error instanceof Error ? `${error.stack}${error.cause ? `\ncause: ${error.cause.stack ?? error.cause}` : ""}` : String(error) };
  }
};

/**
 * @param {Map<string, () => unknown>} tests
 * @param {(name: string, outcome: { passed: boolean, error?: string }) => void} report
 */
export const runAll = async (tests, report, atOnce = 8) => {
  const queue = [...tests];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) report(next[0], await outcome(next[1]));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};
