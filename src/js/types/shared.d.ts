/// <reference lib="esnext.disposable" />

// What both entries share. Durations are seconds and instants Unix seconds, except `now()`, which gives
// milliseconds as `Date.now` does. Everything async returns a real promise; everything thrown is a `TokenError`.

/**
 * RFC 7518, 8037, 8812 and 9964. "Ed25519" is RFC 9864's name for what "EdDSA" means with an Ed25519 key. ES256K and
 * ML-DSA are in `evertoken/edge`, and in `evertoken` where the host's WebCrypto has them; else `ERR_JOSE_NOT_SUPPORTED`.
 */
export type Algorithm =
  | "HS256" | "HS384" | "HS512"
  | "RS256" | "RS384" | "RS512"
  | "PS256" | "PS384" | "PS512"
  | "ES256" | "ES384" | "ES512" | "ES256K"
  | "EdDSA" | "Ed25519"
  | "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";

/** A JSON Web Key, RFC 7517: as `crypto.subtle.exportKey("jwk", …)` or a JWK set gives it. */
export interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  crv?: string;
  x?: string;
  y?: string;
  d?: string;
  k?: string;
  [member: string]: unknown;
}

/** RFC 7517, section 5. */
export interface JwkSet {
  keys: Jwk[];
}

/** A JOSE header, as the token has it; deeply frozen. */
export interface JwtHeader {
  readonly alg: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly crit?: readonly string[];
  readonly [parameter: string]: unknown;
}

/** The claims of a token, as it has them; deeply frozen. Times are Unix seconds. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/** What is in a token. */
export interface Decoded<C = {}> {
  /** What it says about itself. */
  readonly header: JwtHeader;
  /** What it says about its subject. */
  readonly claims: JwtClaims & C;
}

/** What a verifier has accepted. */
export type Verified<C = {}> = Decoded<C>;

/** A shared secret, for HMAC. At least as long as the hash: 32 bytes for HS256, 48 for HS384, 64 for HS512. */
export interface SharedSecret {
  /** The bytes. They are copied. */
  secret: Uint8Array;
  /** The only algorithm that it serves. */
  alg: "HS256" | "HS384" | "HS512";
}

/** A public key in PEM: SPKI ("PUBLIC KEY") or PKCS#1 ("RSA PUBLIC KEY"), to be used with this algorithm alone. */
export interface PublicPem {
  /** The whole text, with its BEGIN and END. */
  pem: string;
  /** The only algorithm that it serves. */
  alg: Algorithm;
  /** The `kid` of tokens that it verifies. Default: any. */
  kid?: string;
}

/**
 * Public keys as a JWK set that a server publishes (an issuer's `jwks_uri`). They are fetched at first use, by one request
 * for all tokens that wait, and kept by the verifier: make it once. A key that is not in the set is looked for once in
 * `cooldown` seconds; keys that the server has withdrawn verify nothing from the next successful fetch on.
 */
export interface RemoteJwks {
  /** https, or http on this machine (localhost, 127.0.0.0/8, [::1]). Redirects are followed on the same origin only. */
  url: string;
  /**
   * Seconds that keys serve where the server does not say with `Cache-Control`. Default: 600. What it says is obeyed within
   * bounds: no shorter than `cooldown` (or `ttl`, if that is shorter), no longer than a day (or `ttl`, if that is longer).
   */
  ttl?: number;
  /** Seconds between two fetches for the sake of keys that are not in the set. Default: 30. */
  cooldown?: number;
  /** Seconds that a fetch may take. Default: 5. */
  timeout?: number;
  /** Seconds that keys serve beyond their life while their server fails, which is asked again meanwhile. Default: 86400. */
  staleIfError?: number;
  /** Default: the host's. */
  fetch?: typeof fetch;
}

/** Which tokens are good. */
export interface VerifierOptions {
  /**
   * Public keys as a JWK, a JWK set or a PEM, or where a server publishes them; or a shared secret. Each key says for which
   * algorithm it is.
   */
  keys: Jwk | JwkSet | RemoteJwks | PublicPem | SharedSecret;
  /** Default: what the keys allow. Never what the token says. */
  algorithms?: Algorithm[];
  /** The `iss` that is accepted, or several. Default: any. */
  issuer?: string | string[];
  /** The `aud` that must be among the token's, or several of which one must be. Default: any. */
  audience?: string | string[];
  /** The `sub` that is accepted. Default: any. */
  subject?: string;
  /** The header's `typ`: "at+jwt" equals "application/at+jwt". Default: any. */
  typ?: string;
  /** Claims that must be there. Default: `["exp"]`. */
  requiredClaims?: string[];
  /** Seconds by which clocks may differ. Default: 5. */
  clockTolerance?: number;
  /** Seconds since `iat` after which a token is refused however long it says it lives. Default: none. */
  maxTokenAge?: number;
  /**
   * A kind of token with a standard of its own; `issuer` and `audience` must then be given. What it requires is
   * required beside `requiredClaims`.
   *
   * "at+jwt": an access token, RFC 9068 section 4. Its `typ` is "at+jwt"; `iss`, `aud`, `exp`, `iat`, `sub`,
   * `client_id` and `jti` are there.
   *
   * "id_token": OpenID Connect Core 3.1.3.7. `iss`, `sub`, `aud`, `exp` and `iat` are there, and `auth_time` where
   * `maxAuthAge` is given. `azp` is `authorizedParty`, or else one of `audience`; with a single audience it may be
   * missing, and is then taken to be that audience. Tokens whose `typ` ends in "+jwt" are of another kind.
   *
   * Default: any kind.
   */
  profile?: "at+jwt" | "id_token";
  /** The `nonce` that must be there. Default: any. */
  nonce?: string;
  /** The `azp` that must be there; with `profile: "id_token"` as said there. Default: any. */
  authorizedParty?: string;
  /**
   * The access token that came with this ID token: `at_hash` must be there and be its hash, by the hash function of
   * the ID token's algorithm (SHA-512 for EdDSA; for ML-DSA SHAKE256 with 64 bytes). Default: not compared.
   */
  accessToken?: string;
  /**
   * Whole seconds since the sign-in (`auth_time`), after which `ERR_STEP_UP_REQUIRED` asks for a new one, as it does
   * where the token does not say. Default: none.
   */
  maxAuthAge?: number;
  /** The `acr` that must be there, or several of which it must be one; else `ERR_STEP_UP_REQUIRED`. Default: any. */
  acrValues?: string[];
  /** Critical header parameters (RFC 7515, section 4.1.11) that the caller understands. Default: none. */
  crit?: string[];
  /**
   * How many verified tokens are kept, so that the next time costs no crypto: 0 to 1,000,000; `false` is 0. The one not asked
   * for longest goes first, and together they have at most 2048 characters times that number. Times, the rules of the call,
   * the keys and, with `revocation`, the store are asked every time; the answer may be the same frozen object. Kept tokens are
   * secrets in memory until they expire and are asked for again, make room, or `dispose` is called. `verifySignature` keeps
   * nothing. Default: 1000 in `evertoken/edge`, `false` in `evertoken`.
   */
  cache?: number | false;
  /** Milliseconds, as `Date.now`, which is the default. */
  now?: () => number;
}

/** Rules of the verifier that one call may replace. */
export type PerCall = Partial<
  Pick<VerifierOptions, "audience" | "subject" | "typ" | "requiredClaims" | "nonce" | "accessToken" | "maxAuthAge" | "acrValues">
>;

/** Verifies by one set of rules. Plain functions: they may be taken apart. */
export interface Verifier {
  /**
   * Settles when the verifier can work, with remote keys at hand; rejects with `ERR_OPTIONS`, `ERR_JWK_INVALID` or
   * `ERR_JWKS_INVALID` when it never will, and with `ERR_JWKS_TIMEOUT` or `ERR_JWKS_UNAVAILABLE` when keys cannot be fetched now.
   */
  readonly ready: Promise<void>;
  /**
   * The token's header and claims, once its signature and every rule hold.
   *
   * Rejects with `ERR_JWT_EXPIRED`, `ERR_JWT_CLAIM_VALIDATION_FAILED` (with `claim` and `reason`), `ERR_JWT_INVALID`,
   * `ERR_JWS_INVALID`, `ERR_JWS_SIGNATURE_VERIFICATION_FAILED`, `ERR_JOSE_ALG_NOT_ALLOWED`, `ERR_JOSE_NOT_SUPPORTED`,
   * `ERR_JWKS_NO_MATCHING_KEY`, `ERR_JWKS_MULTIPLE_MATCHING_KEYS`, `ERR_STEP_UP_REQUIRED` (with `maxAuthAge` and
   * `acrValues`); with remote keys also with `ERR_JWKS_TIMEOUT`, `ERR_JWKS_UNAVAILABLE` (with `status`) and
   * `ERR_JWKS_INVALID`; an issuer's verifier also with `ERR_TOKEN_REVOKED` and `ERR_STORE`.
   */
  verify<C = {}>(token: string, perCall?: PerCall): Promise<Verified<C>>;
  /**
   * As `verify`, at once: in `evertoken/edge`, where no store must be asked and no remote key fetched first (await `ready`).
   * Else throws `ERR_SYNC_UNAVAILABLE`, and `ERR_JOSE_NOT_SUPPORTED` where there is no `node:crypto` for what
   * the host alone computes: ES512, and RSA keys of more than 4096 bits.
   */
  verifySync<C = {}>(token: string, perCall?: PerCall): Verified<C>;
  /** Checks the signature alone and gives the payload whatever it is: no claims rules, not even `exp`. */
  verifySignature(jws: string | Uint8Array): Promise<{ header: JwtHeader; payload: Uint8Array }>;
  /** Frees what it holds. Calls after that reject with `ERR_NOT_READY`. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a token endpoint answers: RFC 6749, section 5.1, and what a client needs to plan ahead. */
export interface TokenResponse {
  /** What requests are sent with; a JWT, `typ` "at+jwt". */
  access_token: string;
  /** How it is sent: RFC 6750. */
  token_type: "Bearer";
  /** Seconds that the access token lives. */
  expires_in: number;
  /** What the next access token is asked for with, once. */
  refresh_token?: string;
  /** Seconds until the refresh token is dead if it is not used. */
  refresh_token_expires_in?: number;
  /** Seconds until the session ends however much it is used. */
  session_expires_in?: number;
  /** The session, `sid` in the access token. */
  session_id: string;
  /** Counts the refreshes of this session. */
  generation?: number;
  /** Space-separated, RFC 6749 section 3.3. */
  scope?: string;
}

/** All that an error of evertoken can be; where jose knows the same thing, the code is jose's. */
export type ErrorCode =
  | "ERR_JWT_EXPIRED"
  | "ERR_JWT_CLAIM_VALIDATION_FAILED"
  | "ERR_JWT_INVALID"
  | "ERR_JWS_INVALID"
  | "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
  | "ERR_JOSE_ALG_NOT_ALLOWED"
  | "ERR_JOSE_NOT_SUPPORTED"
  | "ERR_JWK_INVALID"
  | "ERR_JWKS_INVALID"
  | "ERR_JWKS_NO_MATCHING_KEY"
  | "ERR_JWKS_MULTIPLE_MATCHING_KEYS"
  | "ERR_JWKS_TIMEOUT"
  | "ERR_JWKS_UNAVAILABLE"
  | "ERR_TOKEN_REVOKED"
  | "ERR_TOKEN_STALE"
  | "ERR_STEP_UP_REQUIRED"
  | "ERR_SYNC_UNAVAILABLE"
  | "ERR_NOT_READY"
  | "ERR_REFRESH_INVALID"
  | "ERR_REFRESH_EXPIRED"
  | "ERR_REFRESH_REVOKED"
  | "ERR_REFRESH_REUSED"
  | "ERR_REFRESH_SUPERSEDED"
  | "ERR_REFRESH_UNAVAILABLE"
  | "ERR_SESSION_ENDED"
  | "ERR_SESSION_LIMIT"
  | "ERR_TOO_MANY_ATTEMPTS"
  | "ERR_STORE_UNSUITABLE"
  | "ERR_STORE"
  | "ERR_OPTIONS";

/** Everything that evertoken throws. Never holds a token, a key or a part of one. */
export class TokenError extends Error {
  /** Of what its members are to be, with the `message` for people and the `cause` where there is one. */
  constructor(from: { code: ErrorCode; message: string; retryable?: boolean; status?: number; claim?: string; reason?: string; retryAfter?: number; option?: string; maxAuthAge?: number; acrValues?: readonly string[]; cause?: unknown });
  /** Always the same. */
  readonly name: "TokenError";
  /** What happened, for programs. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The HTTP status that was answered, where one was. */
  readonly status?: number;
  /** The claim that was refused, for `ERR_JWT_CLAIM_VALIDATION_FAILED`. */
  readonly claim?: string;
  /** Why, in one word: "missing", "invalid", "idle", "absolute", … */
  readonly reason?: string;
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;
  /** The option that is wrong, for `ERR_OPTIONS`: `"refreshToken.grace"`. */
  readonly option?: string;
  /** Seconds since the sign-in that `ERR_STEP_UP_REQUIRED` allows: RFC 9470's `max_age`. */
  readonly maxAuthAge?: number;
  /** Authentication contexts of which `ERR_STEP_UP_REQUIRED` asks for one: RFC 9470's `acr_values`. */
  readonly acrValues?: readonly string[];
}

/** Whether `value` was thrown by evertoken. */
export function isTokenError(value: unknown): value is TokenError;

/** Where the wasm comes from: a URL, a `Response`, its bytes, or a compiled `WebAssembly.Module`. */
export type InitInput = string | URL | ArrayBuffer | ArrayBufferView | object;

/**
 * Loads the wasm now instead of at first use, from `input` where the runtime's own way does not do.
 * Only browsers need it, for the calls whose names end in `Sync`.
 */
export function init(input?: InitInput | Promise<InitInput> | (() => InitInput | Promise<InitInput>)): Promise<void>;

/** Reads a token **without verifying it**. `ERR_JWT_INVALID` when it is malformed. */
export function decode<C = {}>(token: string): Promise<Decoded<C>>;

/** Seconds that the token has left by its own word, negative once it has expired, `null` without `exp`. Verifies nothing. `now`: milliseconds, by default `Date.now`. */
export function expiresIn(token: string, options?: { now?: () => number }): Promise<number | null>;

/** As `decode`, at once. In browsers `ERR_NOT_READY` before `init()`. */
export function decodeSync<C = {}>(token: string): Decoded<C>;

/** As `expiresIn`, with the same `now`, at once. In browsers `ERR_NOT_READY` before `init()`. */
export function expiresInSync(token: string, options?: { now?: () => number }): number | null;

/** A verifier. Made at once; wrong options are reported by `ready` and by every method. */
export function createVerifier(options: VerifierOptions): Verifier;
