// What the client asks the browser for, and where the page lies to it: its requests and its clock.

/** What `fetch` says in browsers that reached nobody. */
const unreachable = () => new TypeError("Failed to fetch");

/**
 * @typedef {object} Seen  a request that the client made
 * @property {"token" | "api" | "other"} to
 * @property {number} sentAt  milliseconds
 * @property {number | undefined} status  none when no answer came
 */

/** @param {(seen: Seen) => void} saw  hears of every request once it is over */
export function createHost(saw) {
  let skew = 0;
  let offline = false;
  /** What becomes of the next request of a kind. @type {Map<string, (request: Request) => Promise<Response>>} */
  const armed = new Map();
  /** The refresh token that was spent last. It stays in here: the page shows none, and tells no other tab. */
  let spent;

  const fetchAs = async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    const to = path === "/token" ? "token" : path.startsWith("/api/") ? "api" : "other";
    const sentAt = Date.now();
    const seen = (status) => saw({ to, sentAt, status });
    try {
      const response = await send(request, to);
      if (to === "token" && response.ok) spent = new URLSearchParams(init.body).get("refresh_token");
      seen(response.status);
      return response;
    } catch (error) {
      seen(undefined);
      throw error;
    }
  };

  const send = async (request, to) => {
    if (offline) throw unreachable();
    const fault = armed.get(to);
    armed.delete(to);
    return fault ? fault(request) : fetch(request);
  };

  return {
    /** For `createClient`. */
    given: { fetch: fetchAs, now: () => Date.now() + skew },
    now: () => Date.now() + skew,
    /** Milliseconds that the page's clock is ahead. */
    skew: () => skew,
    setSkew: (milliseconds) => void (skew = milliseconds),
    setOffline: (wanted) => void (offline = wanted),
    /** The worker gets the next request and answers it, and the answer is lost. */
    loseNext: () =>
      armed.set("token", async (request) => {
        await fetch(request);
        throw unreachable();
      }),
    /** The worker answers the next request as its settings for faults say. */
    orderNext: (to, fault) =>
      armed.set(to, (request) => {
        request.headers.set("x-demo-fault", fault);
        return fetch(request);
      }),
    /** Once the next refresh is on its way, and `before` is done, nothing runs in this tab for so many milliseconds. */
    freezeNext: (milliseconds, before) =>
      armed.set("token", (request) => {
        const answer = fetch(request);
        before();
        const end = performance.now() + milliseconds;
        while (performance.now() < end);
        return answer;
      }),
    disarm: () => armed.clear(),
    /**
     * Sends the spent refresh token as somebody who has nothing else: without the attempt that proves the same requester.
     * @param {boolean} late  long after it was spent, by the worker's clock
     */
    replaySpent: async (late) => {
      const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: spent, client_id: "demo-page" });
      const response = await fetch("/token", { method: "POST", body, headers: late ? { "x-demo-fault": "late" } : {} });
      const { refresh_token: successor, code } = await response.json();
      return { status: response.status, code, sameAsSpent: () => successor !== undefined && successor === spent };
    },
  };
}
