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

/**
 * What another storage holds and what it did not take, which is kept here for as long as this client lives. So a tab that
 * cannot write goes on with the attempts that others write. Once the name of a session is kept here, all of it is.
 * @param {Storage} other
 * @param {string} name
 * @returns {Storage}
 */
export const completed = (other, name) => {
  /** @type {Map<string, string>} */
  const own = new Map();
  /** What this tab held when the other storage failed may be over by now, so it is not brought back there. */
  let failed = true;
  const theirs = async () => {
    /** @type {Map<string, string>} */
    const items = new Map();
    try {
      await other.read((key, value) => void items.set(key, value));
    } catch {
      items.clear();
    }
    return items;
  };
  return {
    ...other,
    slow: true,
    read: async (found) => {
      const items = own.has(name) ? new Map() : await theirs();
      for (const [key, value] of own) if (!items.has(key)) items.set(key, value);
      items.forEach((value, key) => found(key, value));
    },
    write: async (set, remove) => {
      if (!failed && !own.has(name)) {
        try {
          await other.write(set, remove);
          return change(own, [], [...set.map(([key]) => key), ...remove]);
        } catch {
          // It is kept here, as before.
        }
      }
      failed = false;
      const known = (await theirs()).get(name);
      change(own, set.filter(([key, value]) => key !== name || value !== known), remove);
    },
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
    const setAll = (/** @type {[string, string][]} */ all) => all.forEach(([key, value]) => items.setItem(key, value));
    const removeAll = () => remove.forEach((key) => items.removeItem(key));
    try {
      setAll(set);
    } catch {
      // There may be room for one of the two only. Where there is not even that, other tabs still need what was there,
      // and where nothing can be written at all it is not to be touched.
      const before = remove.flatMap((key) => {
        const value = items.getItem(key);
        return value === null ? [] : [/** @type {[string, string]} */ ([key, value])];
      });
      setAll(before);
      removeAll();
      try {
        setAll(set);
      } catch (error) {
        setAll(before);
        throw error;
      }
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
