import type { Store } from "../edge.js";

/** The runner of the tests, and what is known of the store. */
export interface ContractOptions {
  /** The `test` of any runner: of `node:test`, `Deno.test`, vitest … */
  test: (name: string, run: () => Promise<void>) => unknown;
  /** Another instance over the same database, as another server has it. Default: that is not tried. */
  another?: () => Store | Promise<Store>;
  /** A store whose database cannot be reached. Default: that is not tried. */
  broken?: () => Store | Promise<Store>;
  /** Bytes of UTF-8 that it takes for a value. Default: 61440, more than the issuer ever writes. */
  largest?: number;
  /** Bytes of UTF-8 that it refuses for a value. Default: that is not tested. */
  tooLarge?: number;
  /** Seconds after its end within which a record is gone, where it is deleted so soon. Default: that is not tested. */
  forgets?: number;
}

/**
 * Tests a store against all that evertoken relies on. Its keys are random, so it may run beside others.
 * @param makeStore gives a store; called once per test
 */
export function testStore(makeStore: () => Store | Promise<Store>, options: ContractOptions): void;
