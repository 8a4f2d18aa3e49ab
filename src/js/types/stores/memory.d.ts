import type { Store } from "../edge.js";

/** A store in this process's memory: for tests, development and a single long-lived server. */
export function memoryStore(): Store;
