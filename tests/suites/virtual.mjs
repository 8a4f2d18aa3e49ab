// A clock of the test's own for clients and issuers in one program: timers fire when it is moved, and nobody sleeps.

/** One turn of the host's loop, after all that is only promised. */
const turn = () => new Promise((done) => setTimeout(done, 0));

/**
 * A host for clients, and its clock.
 * @param {(request: Request) => Promise<Response | undefined>} reach  what answers requests; nothing where no answer comes
 */
export const virtual = (reach) => {
  let at = 1_700_000_000_000;
  /** Requests that will be answered. */
  let busy = 0;
  let timer = 0;
  /** @type {Map<number, { run: () => void, due: number }>} */
  const timers = new Map();
  const now = () => at;

  const fetch = async (input, init) => {
    const request = new Request(input, init);
    busy++;
    try {
      const response = await reach(request);
      // What is there already takes no time to read, on no machine.
      const body = await response?.text();
      if (response) {
        const { ok, status, headers } = response;
        return { ok, status, headers, url: request.url, text: async () => body, json: async () => JSON.parse(body) };
      }
    } finally {
      busy--;
    }
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  };
  /** All that was begun has come to its end, or waits for the clock. */
  const settled = async () => {
    do await turn();
    while (busy > 0);
    await turn();
  };
  return {
    now,
    settled,
    /** Lets so many seconds go by. */
    pass: async (seconds) => {
      at += seconds * 1000;
      for (const [id, { run, due }] of [...timers]) if (due <= at) timers.delete(id), run();
      await settled();
    },
    host: {
      fetch, now, monotonic: now, random: () => 0.5, clearTimeout: (id) => timers.delete(id),
      setTimeout: (run, delay) => (timers.set(++timer, { run, due: at + delay }), timer),
    },
  };
};
