// One small value of the demo's own, beside the sessions in their store.

/** For as long as the demo is likely to run: a month, in seconds. */
const KEPT = 2_592_000;

/**
 * Replaces the value by what `change` makes of it, however many do so at once.
 * @param {import("evertoken/edge").Store} store
 * @param {string} key
 * @param {(value: string | undefined) => string} change
 * @param {number} [kept]  seconds
 */
export async function keep(store, key, change, kept = KEPT) {
  for (;;) {
    const now = await store.get(key);
    const { ok } = await store.compareAndSet(key, now?.version ?? null, change(now?.value), Math.floor(Date.now() / 1000) + kept);
    if (ok) return;
  }
}
