// JS because requests are the host's: refreshing (RFC 6749, section 6) and revoking (RFC 7009).

import { TokenError } from "../errors.js";

/**
 * @typedef {{ tokenEndpoint: string | undefined, revocationEndpoint: string | undefined, sessionsEndpoint: string | undefined, cookie: boolean, clientId?: string, refresh?: Function }} Server
 * @typedef {import("./host.js").Host} Host
 */

/** `Retry-After` in seconds: a number of them, or a date (RFC 9110, section 10.2.3). @param {unknown} value @param {number} now */
const seconds = (value, now) => {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const given = /^\s*\d+\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(given) ? given : undefined;
};

/** @param {Host} host @param {Server} server @param {string} url @param {Record<string, string | undefined>} parameters @param {RequestInit} init */
const post = async (host, server, url, parameters, init) => {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...parameters, client_id: server.clientId })) {
    if (value !== undefined) form.append(name, value);
  }
  const response = await host.fetch(url, { method: "POST", body: form, headers: { accept: "application/json" }, ...init });
  const { status } = response;
  const body = await response.text();
  return { ok: status >= 200 && status < 300, status, body, retryAfter: seconds(response.headers?.get("retry-after"), host.now()) };
};

/**
 * Sends a refresh; `send` is what the session asked for.
 * @param {Host} host
 * @param {Server} server
 * @param {{ refreshToken?: string, attempt?: string }} send
 * @param {AbortSignal} signal
 */
export const refresh = (host, server, { refreshToken, attempt }, signal) =>
  post(host, server, server.tokenEndpoint ?? "", { grant_type: "refresh_token", ...sent(server, refreshToken, attempt) }, { signal });

/** Cookies bring both along, but for the request that is to go without an attempt. @param {Server} server @param {string} [token] @param {string} [attempt] */
const sent = ({ cookie }, token, attempt) => (cookie ? { attempt: attempt === undefined ? "none" : undefined } : { refresh_token: token, attempt });

/**
 * Asks the application, which may have a protocol of its own, for a token response as JSON.
 * @param {Server} server
 * @param {{ refreshToken?: string, attempt?: string }} send
 * @param {AbortSignal} signal
 */
export const ask = async (server, { refreshToken, attempt = "" }, signal) =>
  // A form without a value is a form without the parameter (RFC 6749, section 3.2).
  json(await server.refresh?.({ ...(refreshToken !== undefined && { refreshToken }), attempt, signal }));

/** What an application's own refresh was refused with, where it says so. @param {any} thrown */
export const refusal = (thrown) => {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : undefined);
  try {
    const [error, code, reason] = [thrown.error, thrown.code, thrown.reason].map(text);
    const { retryAfter } = thrown;
    return (error ?? code) === undefined ? undefined : { error, code, reason, ...(typeof retryAfter === "number" && { retryAfter }) };
  } catch {
    // Nothing can be read of it.
    return undefined;
  }
};

/**
 * Whether the server took the revocation.
 * @param {Host} host
 * @param {Server} server
 * @param {string} [token]  none where it is in a cookie
 */
export const revoke = async (host, server, token) => {
  // A sign-out is often the last thing that a page does.
  const parameters = token === undefined ? {} : { token, token_type_hint: "refresh_token" };
  return (await post(host, server, server.revocationEndpoint ?? "", parameters, { keepalive: true })).ok;
};

/**
 * Ends the other sessions of whoever is signed in.
 * @param {Host} host
 * @param {Server} server
 * @param {string} [token]  none where a cookie is enough
 */
export const endOthers = async (host, server, token) => {
  if (!server.sessionsEndpoint) {
    throw new TokenError({ code: "ERR_OPTIONS", option: "sessionsEndpoint", message: "the scopes \"others\" and \"all\" need to know where sessions are ended" });
  }
  if (token === undefined && !server.cookie) {
    throw new TokenError({ code: "ERR_SESSION_ENDED", message: "nobody is signed in here whose other sessions could be ended; sign in again" });
  }
  const url = new URL(server.sessionsEndpoint);
  url.searchParams.set("except", "current");
  /** @type {Record<string, string>} */
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  /** @type {any} */
  const answer = await host.fetch(url.href, { method: "DELETE", headers, redirect: "error", keepalive: true }).catch((cause) => ({ cause }));
  if (!answer.ok) {
    const { status, cause } = answer;
    throw new TokenError({ code: "ERR_REFRESH_UNAVAILABLE", message: "the other sessions could not be ended: try again", retryable: true, ...(status && { status }), cause });
  }
};

/** What an application handed in, as JSON; what is none is refused where it is read. @param {unknown} value */
export const json = (value) => {
  try {
    return (value !== null && typeof value === "object" && JSON.stringify(value)) || "";
  } catch {
    return "";
  }
};
