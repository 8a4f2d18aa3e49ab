// JS because they are the page's: what it can tell at start of other tabs, and of the cookies that it may read.

/**
 * Tells once whether no other tab lives, and from then on that this one does. Without locks nobody knows of others.
 * @param {import("./host.js").Host} host
 * @param {string} name
 * @param {() => void} alone
 * @returns {() => void}  leaves
 */
export const arrive = (host, name, alone) => {
  /** @type {any} */
  const locks = host.locks;
  if (!locks) return alone(), () => {};
  /** @type {() => void} */
  let leave = () => {};
  const stay = () => void locks.request(name, { mode: "shared" }, () => new Promise((/** @type {(value?: undefined) => void} */ done) => (leave = done))).catch(() => {});
  const heard = (/** @type {any} */ { type, persisted }) => (type === "pagehide" ? leave() : persisted && stay());
  locks.request(name, { ifAvailable: true }, (/** @type {unknown} */ lock) => {
    stay();
    if (lock) alone();
  }).catch(alone);
  // A page that is put aside lives on only if it holds no lock.
  for (const event of ["pagehide", "pageshow"]) globalThis.addEventListener?.(event, heard);
  return () => {
    leave();
    for (const event of ["pagehide", "pageshow"]) globalThis.removeEventListener?.(event, heard);
  };
};

/** The cookies that scripts may read: none in a sandboxed frame, which may not even ask. */
const cookies = () => {
  try {
    return globalThis.document?.cookie.split("; ") ?? [];
  } catch {
    return [];
  }
};

/** The generation of the refresh token that the browser holds in a cookie, by the cookie beside it. @param {string} name */
export const generationInJar = (name) => {
  for (const cookie of cookies()) {
    const [key, value] = cookie.split("=");
    const generation = parseInt(value ?? "", 10);
    if (generation >= 0 && (key === `__Host-${name}-attempt` || key === `__Secure-${name}-attempt`)) return generation;
  }
  return undefined;
};
