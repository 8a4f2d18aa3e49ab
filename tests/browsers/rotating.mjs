// A server that rotates: one live refresh token a session. It takes each once only, or repeats an answer to the attempt
// that it was first given to; `hold` keeps answers back until they are let go.

const json = (response, status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

/** @param {{ repeats?: boolean, life?: number }} [options] */
export const rotating = ({ repeats = false, life = 300 } = {}) => {
  const server = {
    life,
    /** The live session of each user: its generation, and the attempt that led there. */
    sessions: new Map(),
    /** @type {{ token: string, attempt: string | null }[]} */
    posts: [],
    /** @type {string[]} */
    revoked: [],
    /** What a refresh is answered instead. @type {{ status: number, body: object }[]} */
    next: [],
    /** What every refresh is refused with. @type {object | undefined} */
    refusal: undefined,
    /** How many answers get lost on their way, after what they tell of was done. */
    losing: 0,
    /** @type {Promise<void> | undefined} */
    held: undefined,
    /** Keeps answers back from here on; gives what lets them go. */
    hold: () => {
      /** @type {() => void} */
      let go = () => {};
      server.held = new Promise((resolve) => (go = () => resolve(undefined)));
      return () => ((server.held = undefined), go());
    },
    tokens: (user = "u", lasts = server.life) => {
      if (!server.sessions.has(user)) server.sessions.set(user, { generation: 0, attempt: null });
      const { generation } = server.sessions.get(user);
      return { access_token: `${user}.a${generation}`, refresh_token: `${user}.r${generation}`, expires_in: lasts, token_type: "Bearer" };
    },
    routes: {
      "/token": async (/** @type {string} */ body, /** @type {any} */ response) => {
        const form = new URLSearchParams(body);
        const [token, attempt] = [form.get("refresh_token") ?? "", form.get("attempt")];
        server.posts.push({ token, attempt });
        const refused = server.refusal && { status: 400, body: server.refusal };
        const answer = server.next.shift() ?? refused ?? server.refresh(token, attempt);
        await server.held;
        if (server.losing > 0) {
          server.losing--;
          // Browsers repeat a request by themselves unless its answer has begun.
          response.writeHead(200, { "content-length": 1_000 });
          return response.write("{", () => response.destroy());
        }
        json(response, answer.status, answer.body);
      },
      "/revoke": (/** @type {string} */ body, /** @type {any} */ response) => {
        server.revoked.push(new URLSearchParams(body).get("token") ?? "");
        json(response, 200, {});
      },
    },
    refresh: (/** @type {string} */ token, /** @type {string | null} */ attempt) => {
      const [user, number] = token.split(".r");
      const session = server.sessions.get(user);
      const repeated = repeats && attempt !== null && attempt === session?.attempt && Number(number) + 1 === session.generation;
      if (session?.generation === Number(number)) server.sessions.set(user, { generation: session.generation + 1, attempt });
      else if (!repeated) return { status: 400, body: { error: "invalid_grant", ...(repeats && { code: "reuse" }) } };
      return { status: 200, body: server.tokens(user) };
    },
  };
  return server;
};
