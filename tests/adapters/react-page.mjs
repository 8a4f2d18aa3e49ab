// In the page: takes over what the server rendered, with a client that is at work by then, and hands both to the test.

import { hydrateRoot } from "react-dom/client";
import { createClient } from "../../src/js/browser.js";
import { app, rendered } from "./react-app.mjs";

const client = createClient({ tokenEndpoint: "/token", revocationEndpoint: "/revoke", clientId: "web" });
await client.ready;

/** Who listens now. */
const listening = new Set();
const subscribe = (/** @type {() => void} */ listener) => {
  const off = client.subscribe(listener);
  listening.add(off);
  return () => (listening.delete(off), off());
};

/** @type {string[]} */
const complaints = [];
console.error = (...words) => void complaints.push(words.join(" "));
const element = /** @type {Element} */ (document.getElementById("root"));
const before = element.textContent;
const root = hydrateRoot(element, app(Object.freeze({ ...client, subscribe })), {
  onRecoverableError: (error) => complaints.push(String(error)),
});
Object.assign(globalThis, { react: { before, client, complaints, listening, rendered, root } });
