import type { Store } from "../edge.js";

/** As much of a node-redis client as the store uses: of `createClient`, `createCluster` or `createClientPool`, connected. */
export interface NodeRedisLike {
  eval(script: string, options: any): Promise<any>;
  evalSha(sha: string, options: any): Promise<any>;
}

/** As much of an ioredis client as the store uses: a `Redis` or a `Cluster`. */
export interface IoredisLike {
  eval(script: string, keys: number, ...rest: any[]): Promise<any>;
  evalsha(sha: string, keys: number, ...rest: any[]): Promise<any>;
  defineCommand(...definition: any[]): any;
}

/** Where in the database the records are. */
export interface RedisStoreOptions {
  /** What every key begins with. Default: "evertoken:". */
  prefix?: string;
}

/**
 * A store in Redis or Valkey: `redisStore(client)`. Reads and writes go to the primary that has the key, and each
 * touches that key alone, so it works in a cluster. The server must not evict keys (`maxmemory-policy noeviction`).
 *
 * `ERR_STORE_UNSUITABLE` for anything that is neither a node-redis nor an ioredis client.
 */
export function redisStore(client: NodeRedisLike | IoredisLike, options?: RedisStoreOptions): Store;
