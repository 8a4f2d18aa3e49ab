// How many tests ran, from what the runners print.

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * cargo test and the browsers' runner: one line for each test binary.
 * @param {string} output
 * @returns {Count}
 */
export function cargoTests(output) {
  const count = { passed: 0, failed: 0 };
  for (const [, passed, failed] of output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed/g)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
  }
  return count;
}

/**
 * node --test with its spec reporter. What was skipped was not run; what was cancelled has failed.
 * @param {string} output
 * @returns {Count}
 */
export function nodeTests(output) {
  const last = (word) => Number([...output.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") + last("cancelled") };
}
