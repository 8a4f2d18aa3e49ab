// Writes down what this tab's client does, and tells the other tabs.

/** Milliseconds after which an event of the server is looked up: it is written after the answer. */
const SOON = 200;
/** Half of the second that instants are rounded down to. */
const HALF = 0.5;

/**
 * @param {{ client: any, host: any, tabs: any, history: any, server: any }} parts
 */
export function watch({ client, host, tabs, history, server }) {
  const page = String(Math.random()).slice(2);
  let number = 0;
  /** How this tab got tokens that are not seen yet. @type {{ how: string, since?: number } | undefined} */
  let own;
  let shown;
  let first = true;

  const note = (kind, more) => {
    const entry = { id: `${page}:${number++}`, kind, at: Date.now() / 1000, tab: tabs.letter(), ...more };
    history.add([entry]);
    tabs.say("entries", { entries: [entry] });
  };

  /** A generation that is new to this tab: renewed by it, or by another. */
  const look = () => {
    const { generation, expiresAt, refreshAt, status } = client.getSnapshot();
    const { sid, iat, exp } = client.getClaims() ?? {};
    if (sid === undefined || expiresAt === undefined || status === "loading") return;
    const link = `${sid} ${generation}`;
    if (link === shown) return;
    const { how, since } = own ?? { how: first ? "found" : "adopted" };
    shown = link;
    first = false;
    own = undefined;
    const life = exp - iat;
    const to = expiresAt - host.skew() / 1000;
    // As early as the renewal of this generation can be planned, and as late; the client says both ends in whole seconds.
    const lead = Math.min(60, life / 4);
    const plan = refreshAt === undefined ? {} : { due: refreshAt - host.skew() / 1000 + HALF, earliest: to - lead * 1.125, latest: to - lead + 2 * HALF };
    note("life", { session: sid, generation, from: to - life, to, how, since, ...plan });
    if (how !== "adopted") setTimeout(server.look, SOON);
  };

  client.subscribe(look);
  client.on("refreshDeferred", ({ retryAt }) => note("deferred", { due: retryAt && retryAt - host.skew() / 1000 }));
  client.on("ended", ({ reason }) => {
    note("ended", { reason, session: shown?.split(" ")[0] });
    shown = undefined;
    setTimeout(server.look, SOON);
  });

  return {
    /** Tokens of a sign-in are on their way to the client. */
    signingIn: () => void (own = { how: "signedIn" }),
    /** Hears of every request of the client once it is over. */
    saw: ({ to, sentAt, status }) => {
      if (to === "token" && status === 200) own = { how: "renewed", since: sentAt / 1000 };
      else if (to === "token" && status === undefined) note("lost", { since: sentAt / 1000 });
      else if (to === "token") note("refused", { status, since: sentAt / 1000 });
      else if (status === 401) note("unauthorized", { status });
    },
  };
}
