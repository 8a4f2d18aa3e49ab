// `evertoken/hono`: who asks, and the issuer's endpoints, as middleware for Hono 4.

import type { Context, MiddlewareHandler } from "hono";
import type { Issuer, JwtClaims, PerCall, Verifier } from "../edge.js";

/** What the middleware adds to a context: `c.var.claims`, or `c.get("claims")`. */
export interface ClaimsEnv<C = {}> {
  /** What `c.var` has. */
  Variables: { claims: JwtClaims & C };
}
/** With `optional`: nobody may be signed in. */
export interface OptionalClaimsEnv<C = {}> {
  /** What `c.var` has. */
  Variables: { claims?: JwtClaims & C };
}

/** One for all requests, or what makes it for a request: in a worker from `c.env`. */
export type ForContext<T> = T | ((c: Context<any>) => T | Promise<T>);

/** What is said where nobody may pass, and whether anybody may. */
export interface ChallengeOptions {
  /** The protection space that a challenge names (RFC 9110, section 11.5). Default: none. */
  realm?: string;
  /** Where the protected resource is described (RFC 9728, section 5.1). Default: none. */
  resourceMetadata?: string;
  /** Whether requests of nobody pass, without `claims`. A token that is refused is refused nevertheless. Default: false. */
  optional?: boolean;
}

/** The rules of the verifier that this route replaces, and what is said where they do not hold. */
export interface BearerOptions extends ChallengeOptions, PerCall {}

/**
 * Lets those pass whose bearer token (RFC 6750, section 2.1) the verifier accepts; `c.var.claims` then has its claims. With
 * `optional` those pass, too, who bring none.
 *
 * Throws an `HTTPException`, which Hono answers unless `onError` does: 401 with `challenge` as `WWW-Authenticate` where the token is
 * refused or missing, 503 with `Retry-After` where nobody can tell now (`retryable`); its `cause` is the `TokenError`. Other
 * errors, such as `ERR_OPTIONS`, are thrown as they are.
 *
 * ```ts
 * const verifier = createVerifier({ keys: { url: "https://id.example/jwks" }, issuer: "https://id.example", audience: "https://api.example" });
 * app.use("/api/*", bearer(verifier));
 * app.post("/api/pay", bearer<{ role: string }>(verifier, { maxAuthAge: 300 }), (c) => c.json({ role: c.var.claims.role }));
 * ```
 */
export function bearer<C = {}>(verifier: ForContext<Pick<Verifier, "verify">>, options: BearerOptions & { optional: true }): MiddlewareHandler<OptionalClaimsEnv<C>>;
/** The same for requests that must be somebody's. */
export function bearer<C = {}>(verifier: ForContext<Pick<Verifier, "verify">>, options?: BearerOptions): MiddlewareHandler<ClaimsEnv<C>>;

/**
 * Lets those pass whom the issuer knows, by bearer token or cookie, and renews in the same request where `issuer.authenticate`
 * does: the answer, whatever it is, carries the renewed cookies or token, before the cookies that a route sets itself. Throws as
 * `bearer`. Across origins `Access-Control-Expose-Headers` must name `Renewed-Token`.
 *
 * ```ts
 * app.get("/", authenticate((c) => issuerOf(c.env), { optional: true }), (c) => c.text(`Hello ${c.var.claims?.sub ?? "stranger"}`));
 * ```
 */
export function authenticate<C = {}>(issuer: ForContext<Pick<Issuer, "authenticate">>, options: ChallengeOptions & { optional: true }): MiddlewareHandler<OptionalClaimsEnv<C>>;
/** The same for requests that must be somebody's. */
export function authenticate<C = {}>(issuer: ForContext<Pick<Issuer, "authenticate">>, options?: ChallengeOptions): MiddlewareHandler<ClaimsEnv<C>>;

/**
 * The issuer's endpoints (`issuer.handle`), each at its path from the root whatever the middleware is mounted at; all other requests
 * go on to the next one. Nothing before it may have read the request's body. What `onEvent` promises is waited for
 * where the host has a `waitUntil`.
 *
 * ```ts
 * app.use(issuerRoutes((c) => issuerOf(c.env), { ip: (c) => c.req.header("cf-connecting-ip") }));
 * ```
 */
export function issuerRoutes(
  issuer: ForContext<Pick<Issuer, "handle">>,
  options?: {
    /** Who asks, so that peers that send garbage are slowed down: from a header that only your own proxy can set. Default: nobody knows. */
    ip?: (c: Context<any>) => string | undefined;
  },
): MiddlewareHandler;
