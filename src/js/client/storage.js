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
 * cannot write goes on with the attempts that others write. Once the name of a session is kept here, all of it is, until
 * the other storage takes it and has none.
 * @param {Storage} other
 * @param {string} name
 * @param {boolean} signedIn  whether it is a new session that was not taken
 * @returns {Storage}
 */
export const completed = (other, name, signedIn) => {
  /** @type {Map<string, string>} */
  const own = new Map();
  /** What this tab held when the other storage failed may be over by now, so it is not brought back there. */
  let failed = true;
  const theirs = async () => {
    /** @type {Map<string, string>} */
    const items = new Map();
    try {
      await other.read((key, value) => void items.set(key, value));
      return items;
    } catch {
      return undefined;
    }
  };
  return {
    ...other,
    slow: true,
    read: async (found) => {
      const items = (!own.has(name) && (await theirs())) || new Map();
      for (const [key, value] of own) if (!items.has(key)) items.set(key, value);
      items.forEach((value, key) => found(key, value));
    },
    write: async (set, remove) => {
      const apart = own.has(name);
      const known = await theirs();
      change(own, set, remove);
      if (known?.get(name) === own.get(name)) own.delete(name);
      signedIn ||= !failed && set.some(([key]) => key === name);
      const all = apart ? [...own] : set;
      if (!failed && (!apart || (signedIn && known && !known.has(name)))) {
        try {
          await other.write(all, remove);
          change(own, [], all.map(([key]) => key));
        } catch {
          // It is kept here, as before.
        }
      }
      failed = false;
    },
  };
};

/** An entry without its access token, where whoever finds it can ask for another. @param {string} entry @param {boolean} own */
const spared = (entry, own) => (own || entry.includes('"refresh_token":"') ? entry.replace(/"access_token":"(\\.|[^"\\])*"/, '"access_token":""') : entry);

/**
 * The browser's, under keys that begin with `name`.
 * @param {globalThis.Storage} items
 * @param {string} name
 * @param {boolean} own  whether a refresh needs no refresh token
 * @returns {Storage}
 */
const stored = (items, name, own) => {
  const spare = (/** @type {string} */ entry) => spared(entry, own);
  const setAll = (/** @type {[string, string][]} */ all) => all.forEach(([key, value]) => items.setItem(key, value));
  const removeAll = (/** @type {string[]} */ keys) => keys.forEach((key) => items.removeItem(key));

  /** Sets where there is no room beside what is to be removed. @param {[string, string][]} set @param {string[]} remove */
  const replace = (set, remove) => {
    const keys = set.map(([key]) => key);
    // One session goes on, and what is stored of it is better than nothing: else it is of no use to anybody.
    const goesOn = !keys.includes(name);
    const before = [...keys, ...remove].flatMap((key) => {
      const value = items.getItem(key);
      return value === null ? [] : [/** @type {[string, string]} */ ([key, value])];
    });
    // Where nothing can be written at all, nothing is touched.
    if (goesOn) setAll(before);
    removeAll(remove);
    try {
      try {
        setAll(set);
      } catch {
        // Somebody else fills what is free, so there must be room for the next generation in this one.
        const room = before.join("").length - before.length;
        setAll(set.map(([key, value]) => [key, spare(value).padEnd(goesOn ? room - key.length : spare(value).length + 32)]));
      }
    } catch (error) {
      if (goesOn) setAll(before);
      else removeAll([...keys, name]);
      throw error;
    }
  };

  return {
    read: (found) => {
      for (const key of Array.from({ length: items.length }, (_, index) => items.key(index))) {
        const value = key?.startsWith(name) ? items.getItem(key) : null;
        // What another tab removes meanwhile is not there any more.
        if (key !== null && value !== null) found(key, value);
      }
    },
    write: (set, remove) => {
      try {
        setAll(set);
      } catch {
        replace(set, remove);
      }
      removeAll(remove);
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
  };
};

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
    subscribe: (said) => {
      const stop = adapter.subscribe?.(() => said());
      return typeof stop === "function" ? stop : () => {};
    },
  };
};

/**
 * Nothing where the host has no storage, or forbids it, although it was asked for.
 * @param {any} wanted
 * @param {string} name
 * @param {import("./host.js").Host} host
 * @param {boolean} own
 * @returns {Storage | undefined}
 */
export const storageOf = (wanted, name, host, own) => {
  if (wanted === "memory") return memory();
  if (typeof wanted === "object") return adapted(wanted, name);
  try {
    const items = wanted === "local" ? globalThis.localStorage : globalThis.sessionStorage;
    if (!items) return undefined;
    return wanted === "local" ? { ...stored(items, name, own), shared: true } : uncopied(stored(items, name, own), items, name, host);
  } catch {
    return undefined;
  }
};
