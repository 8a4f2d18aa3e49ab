// JS because it is the page's: where sessions are kept, `localStorage` or this client's memory.

/**
 * @typedef {object} Storage
 * @property {(prefix: string, found: (key: string, value: string) => void) => void} read  every item whose key starts so
 * @property {(set: [string, string][], remove: string[]) => void} write  sets in this order, then removes
 * @property {boolean} [shared]  with other tabs
 */

/** As long as this client lives. @returns {Storage} */
export const memory = () => {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    read: (prefix, found) => items.forEach((value, key) => key.startsWith(prefix) && found(key, value)),
    write: (set, remove) => {
      for (const [key, value] of set) items.set(key, value);
      for (const key of remove) items.delete(key);
    },
  };
};

/** Shared by all tabs of an origin, and there after a restart. @param {globalThis.Storage} items @returns {Storage} */
const local = (items) => ({
  shared: true,
  read: (prefix, found) => {
    for (const key of Array.from({ length: items.length }, (_, index) => items.key(index))) {
      const value = key?.startsWith(prefix) ? items.getItem(key) : null;
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
});

/**
 * Nothing where the host has no storage, or forbids it, although it was asked for.
 * @param {string} name
 */
export const storageOf = (name) => {
  if (name === "memory") return memory();
  try {
    return globalThis.localStorage && local(globalThis.localStorage);
  } catch {
    return undefined;
  }
};
