// JS because Hono is: middleware that knows who asks, and the issuer's endpoints as middleware.

import { challenge } from "evertoken/edge";
import { HTTPException } from "hono/http-exception";
import { isTokenError } from "../errors.js";

/** @typedef {import("hono").Context<any>} Context */
/** @typedef {import("hono").Next} Next */
/** @typedef {{ realm?: string, resourceMetadata?: string }} Site */

/** What is bound to a request, as in a worker, is made for it. @param {any} given @param {Context} c */
const made = (given, c) => (typeof given === "function" ? given(c) : given);

/** @param {401 | 503} status @param {string} text @param {Record<string, string>} headers @param {unknown} cause */
const answer = (status, text, headers, cause) => new HTTPException(status, { message: text, res: new Response(text, { status, headers }), cause });

/** The answer to a token that was refused, or to none; what is not the token's fault is an error as any other. @param {any} site @param {unknown} [error] */
const refusal = (site, error) => {
  const value = challenge(error, site);
  if (error === undefined || value !== challenge(undefined, site)) return answer(401, "Unauthorized", { "www-authenticate": value }, error);
  if (!isTokenError(error) || !error.retryable) return error;
  const { retryAfter = 1 } = /** @type {{ retryAfter?: number }} */ (error);
  return answer(503, "Service Unavailable", { "retry-after": String(retryAfter) }, error);
};

/**
 * @param {any} verifier
 * @param {Site & { optional?: boolean }} [options]  and the rules of this call
 */
export const bearer = (verifier, { optional, realm, resourceMetadata, ...rules } = {}) => {
  const site = { realm, resourceMetadata };
  return async (/** @type {Context} */ c, /** @type {Next} */ next) => {
    const [, token] = /^Bearer +(.*)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (token === undefined) {
      if (!optional) throw refusal(site);
      return next();
    }
    try {
      c.set("claims", (await (await made(verifier, c)).verify(token, rules)).claims);
    } catch (error) {
      throw refusal(site, error);
    }
    return next();
  };
};

/**
 * @param {any} issuer
 * @param {Site & { optional?: boolean }} [options]
 */
export const authenticate = (issuer, { optional, ...site } = {}) =>
  async (/** @type {Context} */ c, /** @type {Next} */ next) => {
    let known;
    try {
      known = await (await made(issuer, c)).authenticate(c.req.raw);
    } catch (error) {
      throw refusal(site, error);
    }
    if (!known && !optional) throw refusal(site);
    if (known) c.set("claims", known.claims);
    await next();
    if (known) sendBack(c, known.headers);
  };

/** Before the cookies of whoever answered: they may be those of a sign-out. @param {Context} c @param {Headers} headers */
const sendBack = (c, headers) => {
  const later = headers.has("set-cookie") ? c.res.headers.getSetCookie() : [];
  if (later.length > 0) c.header("set-cookie", undefined);
  for (const [name, value] of headers) c.header(name, value, { append: name === "set-cookie" });
  for (const cookie of later) c.header("set-cookie", cookie, { append: true });
};

/**
 * @param {any} issuer
 * @param {{ ip?: (c: Context) => string | undefined }} [options]
 */
export const issuerRoutes = (issuer, { ip } = {}) => async (/** @type {Context} */ c, /** @type {Next} */ next) => {
  const waitUntil = (/** @type {Promise<unknown>} */ work) => lifeOf(c)?.waitUntil(work);
  return (await (await made(issuer, c)).handle(c.req.raw, { ip: ip?.(c), waitUntil })) ?? next();
};

/** Hono throws where the host has none. @param {Context} c */
const lifeOf = (c) => {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
};
