// A program that has a client and disposes of nothing: it ends when it has nothing more to do.

import process from "node:process";

const [entry] = process.argv.slice(2);
const { createClient } = await import(entry);
const client = createClient({ tokenEndpoint: "https://auth.example/token", storage: "memory" });
await client.setTokens({ access_token: "a", refresh_token: "r", expires_in: 3600 });
console.log(JSON.stringify(await client.getAccessToken()));
