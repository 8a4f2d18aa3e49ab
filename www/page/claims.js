// The token at hand, decoded: its header and its claims, each with what it means and how long that still holds.

import { decode } from "/evertoken/src/js/browser.js";
import { byId, clock, make } from "./dom.js";
import { spoken, t } from "./language.js";

const inHeader = ["alg", "kid", "typ"];
const known = new Set([...inHeader, "iss", "sub", "aud", "client_id", "exp", "iat", "nbf", "auth_time", "jti", "sid", "scope", "acr", "name", "role"]);
const instants = new Set(["exp", "iat", "nbf", "auth_time"]);

/**
 * @param {{ getClaims: Function, getAccessToken: Function }} client
 * @param {{ now: () => number }} host
 */
export function showClaims(client, host) {
  let shown;
  let header = {};

  const render = () => {
    const head = inHeader.filter((name) => header[name] !== undefined).map((name) => row([name, header[name]], "header"));
    byId("claims").replaceChildren(...Object.entries(shown ?? {}).map((claim) => row(claim, "claim")));
    byId("header").replaceChildren(...head);
    tick();
  };

  const tick = () => {
    for (const cell of byId("claims").querySelectorAll("[data-instant]")) {
      const seconds = Math.round(Number(cell.dataset.instant) - host.now() / 1000);
      cell.textContent = t(seconds >= 0 ? "claims.in" : "claims.ago", { time: clock(Number(cell.dataset.instant)), span: span(Math.abs(seconds)) });
    }
  };

  /** The header is in the token alone; what is no token any more shows none. */
  const look = async () => {
    try {
      const token = await client.getAccessToken();
      header = token ? (await decode(token)).header : {};
    } catch {
      header = {};
    }
    render();
  };

  setInterval(tick, 1000);
  spoken(render);

  return ({ status }) => {
    const claims = client.getClaims();
    if (claims === shown) return;
    shown = claims;
    if (claims && status === "active") look();
    else render();
  };
}

/** So many seconds, in the unit that fits. @param {number} seconds */
const span = (seconds) => {
  const [size, unit] = [[86_400, "days"], [3600, "hours"], [60, "minutes"]].find(([size]) => seconds >= 2 * size) ?? [1, "seconds"];
  return t(`span.${unit}`, { count: Math.floor(seconds / size) });
};

function row([name, value], part) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = make("td", { class: "value" }, text);
  if (instants.has(name)) shown.append(make("span", { "data-instant": text }));
  return make("tr", { [`data-${part}`]: name }, make("th", { scope: "row" }, name), shown, make("td", { class: "meaning" }, known.has(name) ? t(`claim.${name}`) : ""));
}
