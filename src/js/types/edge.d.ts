// `evertoken/edge`: issuing, signing and verifying, for edge functions and servers.

import type { Algorithm, Jwk, JwkSet, JwtClaims, TokenResponse, Verifier, VerifierOptions } from "./shared.js";

export { createVerifier, decode, decodeSync, expiresIn, expiresInSync, init, isTokenError, TokenError } from "./shared.js";
export type {
  Algorithm, Decoded, ErrorCode, InitInput, Jwk, JwkSet, JwtClaims, JwtHeader, PerCall, PublicPem, RemoteJwks, SharedSecret, TokenResponse, Verified, Verifier,
  VerifierOptions,
} from "./shared.js";

/** How tokens are signed, and what all of them say. */
export interface SignerOptions {
  /** A private JWK; an "oct" key for HMAC. */
  key: Jwk;
  /** The header's `kid`. Default: the key's. */
  kid?: string;
  /** The header's `typ`. Default: "JWT". */
  typ?: string;
  /** `iss`. Default: none. */
  issuer?: string;
  /** `aud`. Default: none. */
  audience?: string | string[];
  /** Seconds that a token lives. Default: what the claims say, or for ever. */
  expiresIn?: number;
  /** Milliseconds, as `Date.now`, which is the default. */
  now?: () => number;
}

/** What one token says differently. */
export interface SignOptions {
  /** `sub`. Default: what the claims say. */
  subject?: string;
  /** `aud`. Default: the signer's. */
  audience?: string | string[];
  /** Seconds that this token lives. Default: the signer's. */
  expiresIn?: number;
  /** `jti`. Default: what the claims say. */
  jwtId?: string;
}

/** Signs with one key. Plain functions: they may be taken apart. */
export interface Signer {
  /** The compact token. Rejects with `ERR_JWT_INVALID` when the claims are no JSON object. */
  sign(claims: object, perCall?: SignOptions): Promise<string>;
  /**
   * As `sign`, at once: by `node:crypto` where the host has it, else in wasm. RSA and ES512 are signed by the host
   * alone; without `node:crypto` that takes a promise: `ERR_JOSE_NOT_SUPPORTED`.
   */
  signSync(claims: object, perCall?: SignOptions): string;
}

/** A signer. Wrong options are thrown at once: `ERR_OPTIONS`, `ERR_JWK_INVALID`. */
export function createSigner(options: SignerOptions): Signer;

/**
 * A new private key, named by its RFC 7638 thumbprint unless `kid` is given; a new secret as long as the hash for
 * HMAC, which has no name of its own. RSA keys have 2048 bits.
 */
export function generateKey(alg: Algorithm, options?: { kid?: string }): Promise<Jwk>;

/**
 * The key of a PEM text (SPKI, PKCS#8, PKCS#1 or SEC1) as a JWK for this algorithm, named by its RFC 7638 thumbprint
 * unless `kid` is given. `ERR_JWK_INVALID` where it is malformed, encrypted, weak, or for another algorithm.
 */
export function importKey(pem: string, alg: Algorithm, options?: { kid?: string }): Promise<Jwk>;

/**
 * The `WWW-Authenticate` value for a request that was refused with `error` (RFC 6750 section 3), with what
 * `ERR_STEP_UP_REQUIRED` needs (RFC 9470 section 3) and where the resource is described (RFC 9728 section 5.1).
 *
 * Without an error, which is a request without a token, and for anything but a refused token (`ERR_STORE`, an error
 * of yours), it says no more than `Bearer`; the latter are not answered with 401. It repeats nothing of the token or of
 * the error's message. `realm` names the protection space, `resourceMetadata` is the URL of the resource's description; both are
 * left out unless given, and `ERR_OPTIONS` where they cannot be in a header.
 *
 * ```js
 * try {
 *   return await answer((await verifier.verify(token, { maxAuthAge: 300 })).claims);
 * } catch (error) {
 *   if (!isTokenError(error) || error.retryable) throw error;
 *   return new Response(null, { status: 401, headers: { "www-authenticate": challenge(error) } });
 * }
 * ```
 */
export function challenge(error?: unknown, options?: { realm?: string; resourceMetadata?: string }): string;

/** The public part of a private JWK. `ERR_JWK_INVALID` for a shared secret, which has none. */
export function publicJwk(jwk: Jwk): Jwk;

/** RFC 7638, with SHA-256. */
export function thumbprint(jwk: Jwk): Promise<string>;

/**
 * What a user writes to bring a database: a map whose writes succeed only on what they expect.
 * `evertoken/stores/contract` tests one.
 */
export interface Store {
  /** Says that writes are compared: an issuer takes no store that cannot do that (`ERR_STORE_UNSUITABLE`). */
  capabilities: { compareAndSet: true };
  /** Strongly consistent: sees every write that has completed. */
  get(key: string): Promise<{ value: string; version: string } | null>;
  /** `expected` null: the key must not exist. `value` null: deletes it. `expiresAt`: Unix seconds; nobody needs it after that. */
  compareAndSet(
    key: string,
    expected: string | null,
    value: string | null,
    expiresAt: number,
  ): Promise<{ ok: true; version: string } | { ok: false }>;
}

/** How a user proved who they are, again or more strongly. */
export interface StepUp {
  /** At most 128 bytes. */
  acr?: string;
  /** At most 8 methods. */
  amr?: string[];
  /** Unix seconds; what is more than a minute ahead is `ERR_OPTIONS`. Default: now. */
  authTime?: number;
}

/** Who signs in, once that is proven. */
export interface Grant {
  /** `sub`: the user, by a name that never goes to somebody else. */
  subject: string;
  /** `client_id`: the application that the user signs in to. */
  clientId: string;
  /** Space-separated, RFC 6749 section 3.3. */
  scope?: string;
  /** Kept with the session and put into every access token, under what the `claims` callback adds. */
  claims?: object;
  /** What `sessions` shows to tell this session from others. */
  device?: Device;
  /** Unix seconds; what is more than a minute ahead is `ERR_OPTIONS`. Default: now. */
  authTime?: number;
  /** How strongly the user was authenticated, in a word that you agree on with those who ask for it. */
  acr?: string;
  /** By which methods: RFC 8176. */
  amr?: string[];
}

/** Where somebody signed in, for people to recognise. Nothing is decided by it. */
export interface Device {
  /** A name that the user gave it. */
  label?: string;
  /** The header `User-Agent`. */
  userAgent?: string;
  /** The address that it came from. */
  ip?: string;
}

/** A session as its owner may see it; times are Unix seconds. */
export interface SessionInfo {
  /** For `revokeSession` and `elevate`; `sid` in access tokens. */
  id: string;
  /** The application that it belongs to. */
  clientId: string;
  /** Where it was opened, as the sign-in said. */
  device?: Device;
  /** When it was opened. Unix seconds. */
  createdAt: number;
  /** When it was last refreshed. Unix seconds. */
  lastUsedAt: number;
  /** When it ends unless it is used. Unix seconds. */
  expiresAt: number;
  /** Whether it is the asker's own; `issuer.sessions()` has no asker. */
  current?: boolean;
  /** How strongly its user was authenticated. */
  acr?: string;
  /** When its user was authenticated. Unix seconds. */
  authTime: number;
}

/** How long sessions with rotating refresh tokens last. */
export interface RefreshTokenOptions {
  /** Seconds without use after which a session ends. Default: 604800, a week. */
  idleTtl?: number;
  /** Seconds after which a session ends however much it is used. Default: 2592000, thirty days. */
  absoluteTtl?: number;
  /** Seconds for which a refresh token that was just replaced still gives its successor: 0 to 300. Default: 30. */
  grace?: number;
}

/** When the tokens of one-token mode are renewed. */
export interface RenewOptions {
  /** Seconds before its end from which on a token is renewed. Default: a quarter of `accessTokenTtl`. */
  before?: number;
  /** Seconds after its end for which it still is while its session lives; needs a store. Default: 0. */
  after?: number;
  /** Seconds after the sign-in at which renewing ends. Default: 2592000, thirty days; without a store 86400, a day. */
  absoluteTtl?: number;
}

/** What an issuer tells of what it did. No token and no secret is in it. */
export interface IssuerEvent {
  /**
   * "throttled" is about a peer that sends what is not ours, and names no subject or session: it may have named any. "stateless" is
   * about the issuer itself, once, with its first tokens: reuse of a refresh token will not be seen.
   */
  type: "issued" | "refreshed" | "replayed" | "grace" | "superseded" | "reuse" | "revoked" | "evicted" | "rollback" | "throttled" | "stateless";
  /** Whom it is about. */
  subject?: string;
  /** The session that it is about. */
  sessionId?: string;
  /** The application that it is about. */
  clientId?: string;
  /** How often the session was refreshed. */
  generation?: number;
  /** True for "grace": the successor was given to another attempt than the one that made it. */
  foreign?: boolean;
  /** Unix seconds. */
  at: number;
}

/** What an issuer issues, to whom, and where it remembers. */
export interface IssuerOptions {
  /** `iss` of every access token: an https URL. */
  issuer: string;
  /** `aud` of every access token. */
  audience: string | string[];
  /** Private JWKs: the first signs; the public parts of all are published, "oct" keys never. */
  signingKeys: Jwk[];
  /**
   * For refresh tokens, at least 32 bytes each (strings: UTF-8): the first is used, all are accepted. Without a default; only
   * one-token mode has none.
   */
  secrets?: (string | Uint8Array)[];
  /**
   * Where it fails, or gives no answer within 10 seconds: `ERR_STORE` (retryable). Without a default: in one-token mode it may be
   * left out, and in stateless mode it is: then nobody can end a session before its time, whatever would ask the store rejects with `ERR_OPTIONS`, and
   * `handle` has no `/sessions`.
   */
  store?: Store;
  /** Seconds that an access token lives. Default: 300. */
  accessTokenTtl?: number;
  /**
   * `false`: one-token mode. `issue` gives an access token alone, and `renew` its successors; not with `cookie`, and `handle` has no
   * `/token`.
   *
   * "stateless": nothing is stored. The refresh token is a JWT (`typ` "rt+jwt", with a key from `secrets`) that carries the session,
   * its claims and scope readable as in an access token, 3.5 KB at most. Each one is good until the idle end counted from it, and
   * the absolute end, a day after the sign-in, or as `clients` have it: one that was copied is not found out, nobody is signed out
   * early, and a refresh never ends the token that it was asked with. `onEvent` is told so once, by "stateless".
   *
   * Default: rotating refresh tokens, with the defaults of their options.
   */
  refreshToken?: RefreshTokenOptions | "stateless" | false;
  /** For one-token mode. Default: the defaults of its options. */
  renew?: RenewOptions;
  /**
   * The clients that may hold sessions, by `client_id`. Default: any. Where there is only one, its
   * requests to `/token` need not name it (RFC 6749 section 6).
   */
  clients?: Record<string, ClientOptions>;
  /** Sessions that one subject may have at once: 1 to 100. Default: 20. Needs a store, as `onSessionLimit` does. */
  sessionsPerSubject?: number;
  /** What happens at one more. "reject": `issue` rejects with `ERR_SESSION_LIMIT`. Default: "evict-oldest". */
  onSessionLimit?: "evict-oldest" | "reject";
  /**
   * More claims for an access token, asked at every issue and refresh before anything is committed, with the `subject`, the
   * `clientId`, the `session`, and its `scope` if it has one. Where it fails, or gives no answer within 10 seconds:
   * `ERR_REFRESH_UNAVAILABLE` (retryable). Default: none.
   */
  claims?: (context: { subject: string; clientId: string; session: SessionInfo; scope?: string }) => object | Promise<object>;
  /**
   * The refresh token travels in a cookie that no page can read: `Secure`, `HttpOnly`, `SameSite=Strict` and named
   * `__Host-evertoken`, beside one for the attempt and one for the access token. `/token` and `/revoke` then serve pages of
   * their own origin alone (docs/cookie-transport.md). `issue` and `refresh` give it as ever. Default: false.
   */
  cookie?: boolean | CookieOptions;
  /** `origins`: those whose pages may call the endpoints, as browsers write them. "*" opens them to all. Default: none. */
  cors?: { origins: string[] };
  /**
   * Where `handle` answers. Default: `/token`, `/revoke`, `/introspect`, `/sessions`, `/.well-known/jwks.json`, and
   * `/.well-known/oauth-authorization-server`, behind which comes the issuer's path where it has one (RFC 8414).
   */
  paths?: Partial<Record<"token" | "revoke" | "introspect" | "sessions" | "jwks" | "metadata", string>>;
  /** Hears of what was done, after it was done. What it throws is left alone. Default: nobody hears. */
  onEvent?: (event: IssuerEvent) => void;
  /** Milliseconds, as `Date.now`, which is the default. */
  now?: () => number;
}

/** What is different about the cookies. */
export interface CookieOptions {
  /** Stands in the names of the cookies; up to 64 letters, digits or marks. Default: "evertoken". */
  name?: string;
  /** Default: "/". Any other makes the names begin with `__Secure-`, since browsers allow no `__Host-`. */
  path?: string;
  /** As with `path`. All hosts of the domain get the cookies, and can plant others of these names. Default: this host alone. */
  domain?: string;
  /** "lax" also signs in those who follow a link from another site. Default: "strict". */
  sameSite?: "strict" | "lax" | "none" | "Strict" | "Lax" | "None";
}

/** What is different for one client. */
export interface ClientOptions {
  /** What it proves itself with at every endpoint, by HTTP Basic or in the form (RFC 6749 section 2.3.1). Default: none, a public client. */
  secret?: string;
  /** `aud` of its access tokens. Default: the issuer's. */
  audience?: string | string[];
  /** Not in one-token mode. Default, also of what is left out: as for the issuer. */
  refreshToken?: RefreshTokenOptions;
}

/** RFC 8414. */
export interface ServerMetadata {
  /** As in `iss`. */
  readonly issuer: string;
  /** In one-token mode there is none. */
  readonly token_endpoint?: string;
  /** Where there is a store: nobody else knows what was revoked. */
  readonly revocation_endpoint?: string;
  /** Where the public keys are. */
  readonly jwks_uri: string;
  /** Where a client has a secret: nobody else may ask. */
  readonly introspection_endpoint?: string;
  readonly [member: string]: unknown;
}

/** What a verifier of the issuer's own tokens is asked for. */
export interface IssuerVerifierOptions extends Partial<Omit<VerifierOptions, "keys">> {
  /**
   * "none", the default: signature and claims only.
   * "session": also asks the store, for each token, whether its session lives (`ERR_TOKEN_REVOKED`) and whether the subject's
   * permissions are still those of the token (`ERR_TOKEN_STALE`). A session past its idle end does not live.
   * "deny-list": asks for what was revoked and for the permissions alone, and for each token at most once in `staleness` seconds.
   * With both, `clockTolerance` is 60 at most.
   */
  revocation?: "none" | "deny-list" | "session";
  /**
   * Seconds for which "deny-list" relies on what the store said: 0 to 60. What another isolate revokes may pass for so long;
   * what is revoked in this one never does. Default: 5.
   */
  staleness?: number;
  /** Whether tokens pass while the store cannot be asked. Default: false, they are refused with `ERR_STORE` (retryable). */
  failOpen?: boolean;
}

/** Issues, renews and ends. Plain functions: they may be taken apart. */
export interface Issuer {
  /**
   * Opens a session. Rejects with `ERR_SESSION_LIMIT`, with `ERR_SESSION_ENDED` where all sessions were ended after `authTime` or
   * meanwhile, and with `ERR_STORE` and `ERR_REFRESH_UNAVAILABLE` (retryable).
   */
  issue(grant: Grant): Promise<TokenResponse>;
  /**
   * Exchanges a refresh token of the client `clientId` for its successor. The same `attempt` always gets the same answer; an
   * empty `attempt` or `scope` counts as left out. What `device` says replaces what the session knows.
   *
   * Rejects with `ERR_REFRESH_INVALID`, `ERR_REFRESH_EXPIRED` (`reason` "idle" or "absolute"), `ERR_REFRESH_REVOKED`,
   * `ERR_REFRESH_REUSED`, `ERR_REFRESH_SUPERSEDED`, and `ERR_STORE` and `ERR_REFRESH_UNAVAILABLE` (retryable).
   */
  refresh(refreshToken: string, context: { clientId: string; attempt?: string; scope?: string; device?: Device }): Promise<TokenResponse>;
  /**
   * Who sends this request: by its bearer token, or, with `cookie`, by its cookies, which count for methods other than GET and
   * HEAD only where a page of the same origin sends them. Where the access token is over or missing and the refresh token is
   * good, it renews in the same request: `headers` then hold the new cookies and `Cache-Control`, and are to be sent back.
   *
   * In one-token mode a bearer token near its end is renewed on the way: `headers` then hold its successor as `Renewed-Token` (the
   * client's `renewedTokenHeader`; across origins `Access-Control-Expose-Headers` must name it). What was revoked is then nobody's.
   *
   * `null` where nobody is signed in; rejects with `ERR_STORE` and `ERR_REFRESH_UNAVAILABLE` (retryable) where that is not known.
   * A session that was ended counts until its access token is over, as with `verifier()`.
   */
  authenticate<C = {}>(request: Request): Promise<{ readonly claims: JwtClaims & C; readonly headers: Headers } | null>;
  /**
   * `issue` as a response: the TokenResponse as JSON, with status and headers of your own. With `cookie` it sets the cookies,
   * and answers 403 to a request other than GET or HEAD that no page of the same origin sent. The device's user agent is the
   * request's unless the grant says otherwise. Rejects as `issue`.
   */
  signInResponse(request: Request, grant: Grant, init?: ResponseInit): Promise<Response>;
  /**
   * Ends the session of the bearer token, an access token, and with `cookie` that of the cookies, which it clears: 204, also where
   * nobody was signed in. Cookies count where a page of the same origin sends them; without them and without a good bearer token
   * the answer is 403. Rejects with `ERR_STORE` (retryable). Without a store it ends nothing: it clears the cookies, or rejects with
   * `ERR_OPTIONS` where there are none.
   */
  signOutResponse(request: Request): Promise<Response>;
  /**
   * One-token mode: the successor of an access token near its end, with the same claims but `exp`, `iat` and `jti`; all who ask at
   * about the same time get the same `jti`. `null` while there is nothing to renew. Send it back in a header or cookie, with
   * `Cache-Control: private, no-store`.
   *
   * Rejects with `ERR_SESSION_ENDED` after the end that the sign-in set (claim `renew_until`), `ERR_JWT_EXPIRED` past `renew.after`,
   * `ERR_JWT_INVALID` for what is none of ours, `ERR_JWT_CLAIM_VALIDATION_FAILED` for a token that came with a refresh token, and
   * `ERR_OPTIONS` where the issuer has another mode; near the end with a store also with `ERR_TOKEN_REVOKED`, `ERR_TOKEN_STALE` and
   * `ERR_STORE` (retryable). In this mode `revoke` of an access token ends its session.
   */
  renew(accessToken: string): Promise<TokenResponse | null>;
  /** A verifier over the issuer's own keys, issuer and audience. */
  verifier(options?: IssuerVerifierOptions): Verifier;
  /**
   * RFC 7009: of whatever generation, a refresh token ends its session. An unknown token is no error. An access token takes only
   * itself; beyond 8 revoked ones at a time, all that the session had until then. Without a store a token of ours is `ERR_OPTIONS`.
   */
  revoke(token: string): Promise<void>;
  /** Ends the session with this id. An unknown one is no error. Rejects with `ERR_STORE` (retryable). */
  revokeSession(sessionId: string): Promise<void>;
  /**
   * Ends every session of the subject, but the one with the id `except`, and every sign-in and refresh that is under way:
   * a sign-in whose `authTime` is older rejects with `ERR_SESSION_ENDED`. Gives how many sessions were ended.
   */
  revokeSubject(subject: string, options?: { except?: string }): Promise<number>;
  /** The sessions of the subject that live, oldest first. */
  sessions(subject: string): Promise<SessionInfo[]>;
  /**
   * Notes a step-up; what is left out stays as it was. The session's next refresh carries it, a repeat of the last one does
   * not. `ERR_SESSION_ENDED` where the session is over.
   */
  elevate(sessionId: string, proof: StepUp): Promise<void>;
  /**
   * Tells that what the subject may do has changed: older access tokens answer `ERR_TOKEN_STALE` where `revocation` is not
   * "none", and the next refresh asks `claims` again.
   */
  bumpPermissions(subject: string): Promise<void>;
  /** The public keys. */
  jwks(): Promise<JwkSet>;
  /** What `handle` answers about itself. In browsers `ERR_NOT_READY` before `init()`. */
  metadata(): ServerMetadata;
  /**
   * Answers, and gives `undefined` when the request is none of these:
   * `POST /token` (RFC 6749 section 6, with `attempt`), `POST /revoke` (RFC 7009), `POST /introspect` (RFC 7662, for clients with a
   * secret); with an access token as bearer `GET /sessions` (a list of `SessionInfo`), `DELETE /sessions/{id}`, `DELETE /sessions`
   * and `DELETE /sessions?except=current`; `GET /.well-known/jwks.json` and `GET /.well-known/oauth-authorization-server`
   * (RFC 8414); and `OPTIONS` where `cors` is given.
   *
   * Without a store `/sessions` is none of these, `/introspect` answers by what the tokens say, and `/revoke` answers 400
   * `unsupported_token_type` for a token that is ours, which stays good until its end; with `cookie` it clears the cookies.
   *
   * A peer at `ip` that keeps sending what is not ours is answered 429 after 20 of them, one every 3 seconds, and never for a token
   * that is ours; without `ip` nobody is. `ip` and the user agent become part of what `sessions` says about the device.
   * `waitUntil` gets what `onEvent` promises.
   */
  handle(request: Request, context?: { ip?: string; waitUntil?: (work: Promise<unknown>) => void }): Promise<Response | undefined>;
}

/** An issuer. Cheap: keys are imported once per isolate. Wrong options are thrown at once. */
export function createIssuer(options: IssuerOptions): Issuer;

/** How many attempts are taken, of what the limiter guards. */
export interface AttemptLimiterOptions {
  /** May be the issuer's. */
  store: Store;
  /** Attempts that are taken within `window`: 1 to 100. Default: 5. */
  limit?: number;
  /** Seconds within which attempts are counted together. Default: 900. */
  window?: number;
  /** Seconds for which none is taken after one too many. Default: 900. */
  lockout?: number;
  /** Milliseconds, as `Date.now`, which is the default. */
  now?: () => number;
}

/** Counts attempts by key: an account, an address, or both in one text. */
export interface AttemptLimiter {
  /**
   * Counts one attempt for this key: an account's name, an address, or both, each with a prefix of its own. Rejects with
   * `ERR_TOO_MANY_ATTEMPTS` (`retryAfter` in seconds), and with `ERR_STORE` (retryable) where nobody can count: then too there
   * is no attempt. What comes within a lockout does not prolong it.
   */
  take(key: string): Promise<void>;
  /** After a success: nothing of this key counts any more, and a lockout is over. Rejects with `ERR_STORE` (retryable). */
  reset(key: string): Promise<void>;
}

/**
 * Locks out those who guess: of passwords, of codes. It counts before anybody knows whether the guess is right, in all isolates
 * and servers that share the store, where each key is kept as its SHA-256 only.
 *
 * ```js
 * const attempts = createAttemptLimiter({ store, limit: 5, window: 900, lockout: 900 });
 * await attempts.take(`password ${email}`);
 * if (!(await passwordIsRight(email, password))) return new Response(null, { status: 401 });
 * await attempts.reset(`password ${email}`);
 * ```
 */
export function createAttemptLimiter(options: AttemptLimiterOptions): AttemptLimiter;
