import type { Store } from "../edge.js";

/** As much of a `Deno.Kv` as the store uses. */
export interface DenoKvLike {
  get(key: any, options?: any): Promise<any>;
  atomic(): any;
}

/** Where in the database the records are. */
export interface DenoKvStoreOptions {
  /** The first part of every key. Default: "evertoken". */
  prefix?: string;
}

/**
 * A store in Deno KV: `denoKvStore(await Deno.openKv())`. A subject's record is limited to 64 KiB; a larger one is
 * refused with `ERR_STORE` before anything is written.
 *
 * `ERR_STORE_UNSUITABLE` for anything that is no `Deno.Kv`.
 */
export function denoKvStore(kv: DenoKvLike, options?: DenoKvStoreOptions): Store;
