// A program that has a client with the default options, and says who is signed in; with tokens, it signs in first.

import process from "node:process";

const [entry, tokens] = process.argv.slice(2);
const { createClient } = await import(entry);
const client = createClient({ tokenEndpoint: "https://auth.example/token" });
if (tokens) await client.setTokens(JSON.parse(tokens));
console.log(JSON.stringify(await client.getAccessToken()));
client.dispose();
