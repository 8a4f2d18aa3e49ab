// What the page itself keeps in the browser's storage: it does without where that is closed or full.

/**
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} key
 */
export function recall(storage, key) {
  try {
    return globalThis[storage].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {"localStorage" | "sessionStorage"} storage @param {string} key @param {string} value */
export function keep(storage, key, value) {
  try {
    globalThis[storage].setItem(key, value);
  } catch {
    // The next page begins without it.
  }
}
