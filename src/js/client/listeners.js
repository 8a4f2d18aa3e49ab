// JS because it is the page that speaks: what it says of itself and of other tabs; servers say nothing.

/**
 * Listens until it is closed.
 * @param {import("./host.js").Host} host
 * @param {{ storageKey: string, crossTab: boolean }} settings
 * @param {import("./storage.js").Storage} storage
 * @param {ReturnType<typeof import("./locks.js").turnsOf>} turns
 * @param {(what: string, pointer?: string) => void} happened
 */
export const listen = (host, { storageKey, crossTab }, storage, turns, happened) => {
  /** @type {ReturnType<import("./host.js").Host["channel"]> | undefined} */
  let channel;
  let unsubscribe = () => {};
  /** What another tab wrote under the storage key says why a session is over; all else is seen in storage. */
  const said = (/** @type {unknown} */ pointer) =>
    typeof pointer === "string" && pointer.startsWith("{") ? happened("said", pointer) : happened("storageChanged");

  const open = () => {
    if (!crossTab) return;
    try {
      unsubscribe = storage.subscribe?.(said) ?? unsubscribe;
      channel = storage.shared ? host.channel(`evertoken:${storageKey}`) : undefined;
    } catch {
      // What the one does not tell the other does, and storage itself before each request.
    }
    if (channel) channel.onmessage = (/** @type {any} */ { data }) => said(data);
    // On Node a channel is no reason to keep a finished program alive.
    channel?.unref?.();
  };
  const close = () => {
    unsubscribe();
    channel?.close();
    channel = undefined;
  };

  /** A page that is put aside has no channel, so that the browser may keep it, and misses what is said meanwhile. */
  const hidden = () => {
    close();
    turns.pause();
  };
  /** What was said meanwhile is in storage, and a request that failed meanwhile says nothing of the network. */
  const back = () => {
    happened("storageChanged");
    happened("online");
  };
  const shown = (/** @type {any} */ { persisted }) => {
    if (!persisted) return;
    open();
    turns.resume();
    back();
  };
  /** @type {[any, string, (event: any) => void][]} */
  const wanted = [
    [globalThis, "online", () => happened("online")],
    [globalThis, "pagehide", hidden],
    [globalThis, "pageshow", shown],
    [globalThis.document, "visibilitychange", () => happened("wake")],
    [globalThis.document, "freeze", turns.leave],
    [globalThis.document, "resume", back],
  ];
  const listening = wanted.filter(([target]) => target?.addEventListener);
  for (const [target, event, heard] of listening) target.addEventListener(event, heard);
  open();

  return {
    /** Tells the other tabs that storage has changed: what stands under the storage key now, or nothing of it. */
    say: (/** @type {string} */ pointer) => {
      try {
        channel?.postMessage(pointer);
      } catch {
        // Deno's fails once another channel was closed. What is stored is stored, and seen before each request.
      }
    },
    close: () => {
      for (const [target, event, heard] of listening) target.removeEventListener(event, heard);
      hidden();
    },
  };
};
