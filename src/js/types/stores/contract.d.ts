import type { Store } from "../edge.js";

/**
 * Tests a store against all that evertoken relies on.
 * @param makeStore gives an empty store
 * @param runner the `test` of any runner: `{ test }` from `node:test`
 */
export function testStore(
  makeStore: () => Store | Promise<Store>,
  runner: { test: (name: string, run: () => void | Promise<void>) => unknown },
): void;
