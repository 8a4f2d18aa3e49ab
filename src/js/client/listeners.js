// JS because it is the page that speaks: what it says of itself and of other tabs; servers say nothing.

/**
 * @param {string} storageKey
 * @param {(what: string) => void} happened
 * @returns {() => void}  stops listening
 */
export const listen = (storageKey, happened) => {
  /** Another tab wrote to storage: to ours, to the name of the session, or away with everything. */
  const stored = (/** @type {any} */ { key, newValue }) => {
    if (key === storageKey && newValue === null) happened("forgottenElsewhere");
    else if (key === null || key.startsWith(storageKey)) happened("storageChanged");
  };
  /** @type {[any, string, (event: any) => void][]} */
  const wanted = [
    [globalThis, "online", () => happened("online")],
    [globalThis, "storage", stored],
    [globalThis, "pageshow", () => happened("storageChanged")],
    [globalThis.document, "visibilitychange", () => happened("wake")],
  ];
  const listening = wanted.filter(([target]) => target?.addEventListener);
  for (const [target, event, heard] of listening) target.addEventListener(event, heard);
  return () => listening.forEach(([target, event, heard]) => target.removeEventListener(event, heard));
};
