// JS because it is the page's: where sessions are kept, the browser's storage, the application's own or this client's
// memory.

import { uncopied } from "./copies.js";

/**
 * @typedef {object} Storage
 * @property {(found: (key: string, value: string) => void) => void | Promise<void>} read  every item of this client
 * @property {(set: [string, string][], remove: string[]) => void | Promise<void>} write  sets in this order, then removes
 * @property {boolean} [shared]  with other tabs
 * @property {boolean} [slow]  whether reading and writing take their time
 * @property {(said: (pointer?: unknown) => void) => () => void} [subscribe]  hears of other writers, until it is told to stop
 * @property {() => Promise<void> | undefined} [ready]  when it may be used
 */

/** @param {Map<string, string>} items @param {[string, string][]} set @param {string[]} remove */
const change = (items, set, remove) => {
  for (const [key, value] of set) items.set(key, value);
  for (const key of remove) items.delete(key);
};

/** As long as this client lives. @returns {Storage} */
export const memory = () => {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    read: (found) => items.forEach((value, key) => found(key, value)),
    write: (set, remove) => change(items, set, remove),
  };
};

/** The browser's, under keys that begin with `name`. @param {globalThis.Storage} items @param {string} name @returns {Storage} */
const stored = (items, name) => ({
  read: (found) => {
    for (const key of Array.from({ length: items.length }, (_, index) => items.key(index))) {
      const value = key?.startsWith(name) ? items.getItem(key) : null;
      // What another tab removes meanwhile is not there any more.
      if (key !== null && value !== null) found(key, value);
    }
  },
  write: (set, remove) => {
    const setAll = () => set.forEach(([key, value]) => items.setItem(key, value));
    const removeAll = () => remove.forEach((key) => items.removeItem(key));
    try {
      setAll();
    } catch {
      // There may be room for one of the two only.
      removeAll();
      setAll();
    }
    removeAll();
  },
  subscribe: (said) => {
    const heard = (/** @type {any} */ { key, oldValue, newValue, storageArea }) => {
      if (storageArea !== items) return;
      if (key === name) said(newValue ?? oldValue);
      else if (key === null || key.startsWith(`${name}:`)) said();
    };
    globalThis.addEventListener?.("storage", heard);
    return () => globalThis.removeEventListener?.("storage", heard);
  },
});

/**
 * The application's, of which single keys are all that is known: so all items are kept under one.
 * @param {any} adapter
 * @param {string} name
 * @returns {Storage}
 */
const adapted = (adapter, name) => {
  /** @returns {Promise<Map<string, string>>} */
  const load = async () => {
    const text = await adapter.get(name);
    try {
      return new Map(JSON.parse(text ?? "[]"));
    } catch {
      // Damage is nothing, as it is elsewhere.
      return new Map();
    }
  };
  return {
    shared: true,
    slow: true,
    read: async (found) => (await load()).forEach((value, key) => found(key, value)),
    write: async (set, remove) => {
      const items = await load();
      change(items, set, remove);
      await (items.size > 0 ? adapter.set(name, JSON.stringify([...items])) : adapter.remove(name));
    },
    subscribe: (said) => adapter.subscribe?.(() => said()) ?? (() => {}),
  };
};

/**
 * Nothing where the host has no storage, or forbids it, although it was asked for.
 * @param {any} wanted
 * @param {string} name
 * @param {import("./host.js").Host} host
 * @returns {Storage | undefined}
 */
export const storageOf = (wanted, name, host) => {
  if (wanted === "memory") return memory();
  if (typeof wanted === "object") return adapted(wanted, name);
  try {
    const items = wanted === "local" ? globalThis.localStorage : globalThis.sessionStorage;
    if (!items) return undefined;
    return wanted === "local" ? { ...stored(items, name), shared: true } : uncopied(stored(items, name), items, name, host);
  } catch {
    return undefined;
  }
};
