// JS because fetch, streams, timers and promises are the host's: fetches the keys that a verifier asks for.

/** Bytes that an answer may have; no set of keys comes near. */
const MOST = 262_144;
/** Redirects that are followed. */
const HOPS = 3;
/** What `keysNeeded` and `keysFailed` mean by their numbers. */
const [RETRY, WAIT] = [2, 3];
const [NETWORK, TIME, SIZE, REDIRECT] = [0, 1, 2, 3];

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/**
 * The body, or nothing where it is too large: of that no more is read than it takes to know.
 * @param {Response} response
 */
const bounded = async (response) => {
  const reader = response.body?.getReader();
  if (!reader) {
    const all = new Uint8Array(await response.arrayBuffer());
    return all.length > MOST ? undefined : all;
  }
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/**
 * One request and the redirects that stay on its origin.
 * @param {string} url
 * @param {typeof globalThis.fetch} fetch
 * @param {RequestInit} init
 * @returns {Promise<{ fault: number, cause?: unknown } | { answer: [status: number, body: Uint8Array, cacheControl: string | undefined, age: string | undefined] }>}
 */
const received = async (url, fetch, init) => {
  const { origin } = new URL(url);
  const leaves = (/** @type {string} */ to) => new URL(to).origin !== origin;
  let to = url;
  let response = await fetch(to, { ...init, redirect: "manual" });
  // Browsers follow redirects or hide them: there, where it ended has to do.
  if (response.type === "opaqueredirect") response = await fetch(to, { ...init, redirect: "follow" });
  for (let hops = 0; ; hops++) {
    const location = response.status > 300 && response.status < 400 && response.headers.get("location");
    if (location) to = new URL(location, to).href;
    // Some fetches follow whatever they are told; those made up in a program say nothing of where they ended.
    if (leaves(to) || (response.url && leaves(response.url)) || (location && hops === HOPS)) {
      response.body?.cancel().catch(() => {});
      return { fault: REDIRECT };
    }
    if (!location) break;
    response.body?.cancel().catch(() => {});
    response = await fetch(to, { ...init, redirect: "manual" });
  }
  if (!response.ok) response.body?.cancel().catch(() => {});
  const body = response.ok ? await bounded(response) : new Uint8Array();
  if (!body) return { fault: SIZE };
  const header = (/** @type {string} */ name) => response.headers.get(name) ?? undefined;
  return { answer: [response.status, body, header("cache-control"), header("age")] };
};

/**
 * What `received` comes to, or the lack of it after so many milliseconds, whatever `fetch` does.
 * @param {string} url @param {number} timeout @param {typeof globalThis.fetch} fetch @param {RequestInit} init
 * @returns {ReturnType<typeof received>}
 */
const inTime = async (url, timeout, fetch, init) => {
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => {
      resolve({ fault: TIME });
      controller.abort();
    }, timeout);
  });
  const exchange = received(url, fetch, { ...init, signal: controller.signal }).catch((cause) => ({ fault: NETWORK, cause }));
  try {
    return await Promise.race([exchange, late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * @param {() => Promise<any>} opened  the handle of the verifier, or its refusal
 * @param {boolean} isolated  whether a request must not wait for what another one began
 */
export const remoteKeys = (opened, isolated) => {
  /** @type {Promise<void> | undefined} */
  let flight;
  // Not every host knows `cache`. Where there is an HTTP cache, it is asked whether it is still right.
  /** @type {RequestInit} */
  const init = { headers: { accept: "application/jwk-set+json, application/json" }, ...(!isolated && { cache: "no-cache" }) };

  const asked = async (/** @type {any} */ handle, /** @type {string | undefined} */ token) => {
    const [url, timeout, own] = handle.keysAsked(token);
    const got = await inTime(url, timeout, own ?? globalThis.fetch, init);
    // It may have been disposed of meanwhile.
    const still = await opened();
    if ("fault" in got) throw still.keysFailed(got.fault, got.cause);
    still.keysAnswered(...got.answer);
  };

  const fetched = (/** @type {any} */ handle, /** @type {string | undefined} */ token) => {
    if (isolated) return asked(handle, token);
    return (flight ??= asked(handle, token).finally(() => {
      flight = undefined;
    }));
  };

  /**
   * Begins the fetch that is needed, or waits for the one that somebody else began. Nothing may happen between the
   * question and the fetch: everybody else would be told to fetch, too.
   */
  const begun = async (/** @type {any} */ handle, /** @type {string | undefined} */ token) => {
    let need = handle.keysNeeded(token);
    // By looking again, never by a promise: the request that began it may be gone.
    while (isolated && need === WAIT) {
      await pause();
      handle = await opened();
      need = handle.keysNeeded(token);
    }
    return need ? { need, fetching: fetched(handle, token) } : undefined;
  };

  /** Sees to it that there are keys that may serve. */
  const atHand = async (/** @type {any} */ handle) => {
    const fetch = await begun(handle, undefined);
    if (!fetch) return;
    if (fetch.need === RETRY && !isolated) return void fetch.fetching.catch(() => {});
    try {
      await fetch.fetching;
    } catch (error) {
      if (!(await opened()).hasKeys()) throw error;
    }
  };

  return {
    atHand,

    /**
     * Runs `use` with keys at hand, and once more where it lacked one that the server has by now.
     * @template T
     * @param {any} handle @param {string} token @param {() => Promise<T>} use
     */
    around: async (handle, token, use) => {
      await atHand(handle);
      try {
        return await use();
      } catch (error) {
        const { code } = /** @type {{ code?: string }} */ (error);
        const lacked = code === "ERR_JWKS_NO_MATCHING_KEY" || code === "ERR_JOSE_ALG_NOT_ALLOWED";
        const current = await opened();
        if (!lacked || !current.keysNeeded(token)) throw error;
        await (await begun(current, token))?.fetching;
      }
      return use();
    },
  };
};
