import type { Store } from "../edge.js";

/** As much of a Durable Object namespace as the store uses. */
export interface DurableObjectNamespaceLike {
  idFromName(name: string): any;
  get(id: any): any;
}

/**
 * A store of Durable Objects, one for each subject: `durableObjectStore(env.SESSIONS)`. An object deletes itself
 * once its last session has ended.
 *
 * `ERR_STORE_UNSUITABLE` for anything that is no Durable Object namespace.
 */
export function durableObjectStore(namespace: DurableObjectNamespaceLike): Store;

/** The Durable Object to export from the worker and to name in its configuration. */
export class EvertokenStore {
  constructor(state: any, env: any);
}
