// In a worker of Deno or Bun: a client signs in, refreshes and asks the API.

self.onmessage = async ({ data: [entry, origin] }) => {
  const { createClient } = await import(entry);
  const client = createClient({ tokenEndpoint: `${origin}/token`, storage: "memory" });
  const signIn = await fetch(`${origin}/sign-in`, { method: "POST", body: JSON.stringify({ user: "worker", life: 300 }) });
  await client.setTokens(await signIn.json());
  const tokens = [await client.getAccessToken(), await client.getAccessToken({ forceRefresh: true })];
  self.postMessage([...tokens, (await client.fetch(`${origin}/me`)).status]);
  client.dispose();
};
