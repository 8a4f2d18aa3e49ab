// JS because it is browsers that copy a tab together with its `sessionStorage`: two tabs would go on with one session.

/** Within so many milliseconds a tab that lives has answered, unless it is busy. */
const PATIENCE = 300;

/**
 * What tabs have to tell each other where there is no channel: of what one of them stores, all others hear.
 * @param {string} name
 */
const overheard = (name) => {
  const heard = (/** @type {any} */ { key, newValue }) => {
    if (key === name && newValue) channel.onmessage({ data: newValue.split(" ") });
  };
  const channel = {
    onmessage: (/** @type {{ data: string[] }} */ _said) => {},
    postMessage: (/** @type {string[]} */ words) => {
      try {
        localStorage.setItem(name, words.join(" "));
        localStorage.removeItem(name);
      } catch {
        // Then nobody hears of it.
      }
    },
    close: () => globalThis.removeEventListener?.("storage", heard),
  };
  globalThis.addEventListener?.("storage", heard);
  return channel;
};

/**
 * The storage of one tab: a copy of it is emptied before it is read. A tab marks it while it lives; where the mark is
 * found at start, all tabs are asked whether one of them made it that has another `sessionStorage`. Frames have the same.
 * @param {import("./storage.js").Storage} storage
 * @param {globalThis.Storage} items
 * @param {string} name
 * @param {import("./host.js").Host} host
 * @returns {import("./storage.js").Storage}
 */
export const uncopied = (storage, items, name, host) => {
  const [mark, question] = [`${name}:tab`, `${name}:ask`];
  // Names, and nothing secret.
  const random = () => String(Math.random());
  /** @type {string | undefined} */
  let own;
  /** @type {Promise<void> | undefined} */
  let ready;

  const empty = () => {
    /** @type {string[]} */
    const keys = [];
    storage.read((key) => keys.push(key));
    storage.write([], keys);
  };

  return {
    ...storage,
    slow: true,
    ready: () => ready,
    subscribe: (said) => {
      const unsubscribe = storage.subscribe?.((pointer) => {
        // A frame that goes takes the mark along.
        if (own && items.getItem(mark) === null) items.setItem(mark, own);
        said(pointer);
      });
      /** @type {NonNullable<ReturnType<import("./host.js").Host["channel"]>>} */
      const channel = host.channel(`evertoken:${name}:tab`) ?? overheard(`evertoken:${name}:tab`);
      const found = items.getItem(mark);
      const asking = found !== null && own === undefined ? random() : undefined;
      let waiting = asking !== undefined;
      items.setItem(mark, (own ??= found ?? random()));
      /** @type {(value?: undefined) => void} */
      let settle = () => {};

      channel.unref?.();
      channel.onmessage = (/** @type {{ data: string[] }} */ { data: [whose, asked] }) => {
        if (asked === undefined) {
          if (whose !== asking) return;
          empty();
          items.setItem(mark, (own = random()));
          settle();
          // An answer that came late is one: two that go on with one session would pass for thieves.
          said();
        } else if (whose === own && !waiting && items.getItem(question + asked) === null) {
          channel.postMessage([asked]);
        }
      };
      if (asking) {
        // Each its own: frames of one tab may ask at the same time, and the others are no originals of theirs.
        items.setItem(question + asking, "");
        channel.postMessage([own, asking]);
        ready = new Promise((/** @type {(value?: undefined) => void} */ done) => {
          settle = done;
          host.setTimeout(done, PATIENCE);
        }).then(() => void (waiting = false));
      }
      return () => {
        unsubscribe?.();
        channel.close();
        items.removeItem(mark);
        if (asking) items.removeItem(question + asking);
      };
    },
  };
};
