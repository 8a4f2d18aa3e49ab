// What a client is timed at, in Node and in a page alike: each function stands alone, as it is sent to the page as text.

/**
 * Nanoseconds a call: `getAccessToken()` on a valid token, and an async function of nothing beside it, in turns; and what
 * was touched meanwhile.
 * @param {(options: object) => any} createClient
 * @param {{ rounds: number, calls: number }} wanted
 */
export const timeCalls = async (createClient, { rounds, calls }) => {
  const touched = { storage: 0, locks: 0, requests: 0 };
  const items = new Map();
  const storage = {
    get: (key) => (touched.storage++, items.get(key) ?? null),
    set: (key, value) => (touched.storage++, void items.set(key, value)),
    remove: (key) => (touched.storage++, void items.delete(key)),
  };
  const host = { fetch: async () => (touched.requests++, Response.error()), locks: { request: async (_name, _options, run) => (touched.locks++, run()) } };
  const client = createClient({ tokenEndpoint: "https://auth.example/token", storage, host });
  await client.setTokens({ access_token: "a0", refresh_token: "r0", expires_in: 3600 });
  const nothing = async () => "a0";
  const timed = async (call) => {
    const since = performance.now();
    for (let n = 0; n < calls; n++) await call();
    return ((performance.now() - since) * 1e6) / calls;
  };
  const found = { calls: [], nothing: [] };
  for (let round = -1; round < rounds; round++) {
    // The first round warms up; what the sign-in touched is not counted.
    if (round === 0) Object.assign(touched, { storage: 0, locks: 0, requests: 0 });
    const pair = [await timed(client.getAccessToken), await timed(nothing)];
    if (round >= 0) found.calls.push(pair[0]), found.nothing.push(pair[1]);
  }
  client.dispose();
  return { ...found, touched };
};

/**
 * Milliseconds from a 401 to the request that is sent again, where the server of tokens answers at once.
 * @param {(options: object) => any} createClient
 * @param {{ rounds: number, pause: number, storage: string }} wanted  `pause`: milliseconds between, so that no turn is left over from the last time
 */
export const timeReplays = async (createClient, { rounds, pause, storage }) => {
  let generation = 0;
  let refusedAt = 0;
  const found = [];
  const tokens = () => ({ access_token: `a${generation}`, refresh_token: `r${generation}`, expires_in: 3600 });
  const answer = async (/** @type {Request | string} */ input) => {
    if (new URL(typeof input === "string" ? input : input.url).pathname === "/token") return generation++, Response.json(tokens());
    if (refusedAt === 0) return (refusedAt = performance.now()), new Response(null, { status: 401 });
    found.push(performance.now() - refusedAt);
    return new Response(null, { status: 200 });
  };
  const client = createClient({ tokenEndpoint: "https://auth.example/token", storage, storageKey: "bench", host: { fetch: answer } });
  await client.setTokens(tokens());
  for (let round = 0; round < rounds; round++) {
    refusedAt = 0;
    const { status } = await client.fetch("https://auth.example/me");
    if (status !== 200) throw new Error(`it was not replayed: ${status}`);
    await new Promise((later) => setTimeout(later, pause));
  }
  client.dispose();
  return found;
};
