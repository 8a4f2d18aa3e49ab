import type { Store } from "../edge.js";

/** As much of a D1 database as the store uses. */
export interface D1DatabaseLike {
  prepare(sql: string): any;
  batch(statements: any[]): Promise<any[]>;
}

/**
 * A store in a D1 database: `d1Store(env.DB)`. Apply the migration first, `evertoken/stores/d1.sql` or
 * `d1Migration`. Every query goes to the primary, also where read replication is on.
 *
 * `ERR_STORE_UNSUITABLE` for anything that is no D1 database, and for a session of one (`withSession()`),
 * which may read from a replica that lags.
 */
export function d1Store(db: D1DatabaseLike): Store;

/** The table that the store needs: `await env.DB.exec(d1Migration)`. Doing so again changes nothing. */
export const d1Migration: string;
