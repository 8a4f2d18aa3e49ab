// In a worker of any kind: a client that answers whoever asks, on the port that comes along.

import { createClient } from "../../src/js/browser.js";

/** @type {any} */
const scope = globalThis;
/** The options are in the address: a worker knows nothing else of its page. */
const options = JSON.parse(new URL(scope.location.href).searchParams.get("client") ?? "{}");
const client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", ...options });
const heard = [];
for (const event of ["signedIn", "refreshed", "ended", "warning"]) client.on(event, ({ code, reason }) => heard.push([event, code ?? reason].filter(Boolean).join(" ")));

const does = {
  signIn: (tokens) => client.setTokens(tokens),
  token: (wanted) => client.getAccessToken(wanted),
  me: async () => (await client.fetch("/me")).status,
  heard: () => heard,
  signOut: () => client.signOut(),
};
const answer = async ({ data: [what, given], ports: [port] }) => {
  const done = await Promise.resolve(does[what](given)).catch(({ code }) => code);
  port.postMessage(done ?? null);
};

scope.onmessage = answer;
scope.onconnect = ({ ports: [port] }) => (port.onmessage = answer);
scope.oninstall = () => scope.skipWaiting();
scope.onactivate = (event) => event.waitUntil(scope.clients.claim());
// What a service worker is for: requests of the page, with the token that the page has never seen.
scope.onfetch = (event) => {
  if (new URL(event.request.url).pathname === "/me") event.respondWith(client.fetch(event.request));
};
