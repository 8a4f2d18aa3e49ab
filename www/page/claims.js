// The claims of the access token at hand, each with what it means.

import { byId, clock, make } from "./dom.js";

const meanings = {
  iss: "who issued it",
  sub: "who it speaks for",
  aud: "who may accept it",
  client_id: "the app that holds it",
  exp: "the end of its life",
  iat: "when it was issued",
  nbf: "when it begins",
  auth_time: "when you signed in",
  jti: "this very token",
  sid: "the session behind it",
  name: "from your account",
  role: "what you may do",
};
const instants = new Set(["exp", "iat", "nbf", "auth_time"]);

/** @param {{ getClaims: Function }} client */
export function showClaims(client) {
  let shown;
  return () => {
    const claims = client.getClaims();
    if (claims === shown) return;
    shown = claims;
    byId("claims").replaceChildren(...Object.entries(claims ?? {}).map(row));
  };
}

function row([name, value]) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return make(
    "tr",
    { "data-claim": name },
    make("th", { scope: "row" }, name),
    make("td", { class: "value" }, instants.has(name) ? `${text} (${clock(value)})` : text),
    make("td", { class: "meaning" }, meanings[name] ?? ""),
  );
}
