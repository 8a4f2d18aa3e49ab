// What the issuer's onEvent told about this session: asked for after everything that happens, and told to the other tabs.

/**
 * @param {{ client: any, tabs: any, history: any, tell: (entry: any) => void }} parts
 */
export function serverEvents({ client, tabs, history, tell }) {
  /** The token that was at hand last: it may still ask how its session ended. */
  let token;
  let session;

  const remember = async () => {
    if (client.getSnapshot().status !== "active") return;
    token = (await client.getAccessToken()) ?? token;
    session = client.getClaims()?.sid ?? session;
  };

  const look = async () => {
    try {
      await remember();
      if (token === undefined) return [];
      const response = await fetch("/api/events", { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) return [];
      const { events } = await response.json();
      const entries = events.map(({ number, ...event }) => ({ id: `server:${session}:${number}`, kind: "server", session, ...event }));
      const fresh = history.add(entries);
      if (fresh.length > 0) tabs.say("entries", { entries: fresh });
      for (const entry of fresh) tell(entry);
      return entries;
    } catch {
      // The next time.
      return [];
    }
  };

  client.subscribe(() => void remember().catch(() => {}));
  return { look };
}
