// JS because it is the page that is used: what its user does, of which a session that ends without use is told.

const DONE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "scroll"];

/** Once in so many milliseconds is enough. */
const PAUSE = 1_000;

/**
 * @param {import("./host.js").Host} host
 * @param {() => void} active
 * @returns {() => void}  stops it
 */
export const watch = (host, active) => {
  const page = globalThis.document;
  let heardAt = -PAUSE;
  const heard = () => {
    const now = host.monotonic();
    if (now - heardAt < PAUSE) return;
    heardAt = now;
    active();
  };
  // What a page does with its events is no business of ours, nor ours of its.
  const how = { capture: true, passive: true };
  for (const event of DONE) page?.addEventListener?.(event, heard, how);
  return () => DONE.forEach((event) => page?.removeEventListener?.(event, heard, how));
};
