// `evertoken`: the client that keeps a session alive, and a verifier on the host's WebCrypto.

import type { JwtClaims, TokenError, TokenResponse, Verifier, VerifierOptions as SharedVerifierOptions } from "./shared.js";

export { decode, decodeSync, expiresIn, expiresInSync, init, isTokenError, TokenError } from "./shared.js";
export type {
  Algorithm, Decoded, ErrorCode, InitInput, Jwk, JwkSet, JwtClaims, JwtHeader, PerCall, PublicPem, RemoteJwks, SharedSecret, TokenResponse, Verified, Verifier,
} from "./shared.js";

/** What a verifier asks, and who computes what the host cannot. */
export interface VerifierOptions extends SharedVerifierOptions {
  /**
   * Loads a module with `createVerifier`, which verifies what the host cannot compute: `() => import("evertoken/edge")`. It is
   * called at the first token that needs it, where there is no `crypto.subtle` (pages on plain http) or it lacks the
   * algorithm (ES256K, ML-DSA), and once; a load that failed (`ERR_NOT_READY`, retryable) is tried again by the next such call.
   * Keys that a server publishes are then fetched for both. Default: none, and `ERR_JOSE_NOT_SUPPORTED`.
   */
  fallback?: () => Promise<unknown>;
}

/** A verifier. Made at once; wrong options are reported by `ready` and by every method. */
export function createVerifier(options: VerifierOptions): Verifier;

/** What `fetch` takes first, in this host. */
type FetchInput = Parameters<typeof fetch>[0];
/** What `fetch` takes second, in this host. */
type FetchInit = NonNullable<Parameters<typeof fetch>[1]>;

/** What `setTokens` takes: a `TokenResponse`, or as much of one as there is. */
export type TokenInput = { access_token: string } & Partial<
  Omit<TokenResponse, "access_token" | "token_type"> & { token_type: string; id_token: string }
>;

/** What the client takes from its host; replaced in tests and on unusual hosts. */
export interface Host {
  /** As the host's own. */
  fetch: typeof fetch;
  /** Milliseconds, the wall clock. */
  now: () => number;
  /** Milliseconds, a clock that nobody can set. */
  monotonic: () => number;
  /** A number from 0 to below 1, for jitter. */
  random: () => number;
  /** As the host's own; milliseconds. */
  setTimeout: (run: () => void, milliseconds: number) => unknown;
  /** As the host's own. */
  clearTimeout: (timer: any) => void;
  /** How tabs take turns: as `navigator.locks`, where `signal` ends the waiting. */
  locks: { request: (name: string, options: { signal: any }, run: () => Promise<void>) => Promise<unknown> };
  /** Opens what all tabs hear by this name: as `(name) => new BroadcastChannel(name)`. No token is ever said there. */
  channel: (name: string) => { postMessage: (message: string) => void; onmessage: ((event: any) => void) | null; close: () => void };
}

/**
 * A storage of your own, of texts under keys. It holds tokens: give it no more readers than they may have. What throws or
 * rejects is replaced by memory, with one `warning`.
 */
export interface StorageAdapter {
  /** Nothing is `null`. */
  get(key: string): string | null | Promise<string | null>;
  /** Keeps a text, in the place of what was there. */
  set(key: string, value: string): void | Promise<void>;
  /** Forgets it; nothing there is no error. */
  remove(key: string): void | Promise<void>;
  /** Calls `changed` when somebody else wrote, until the function that it returns is called. */
  subscribe?(changed: () => void): () => void;
}

/** Where tokens come from, where they are kept, and when they are renewed. */
export interface ClientOptions {
  /** Where refresh tokens are exchanged: RFC 6749, section 6, with the extension parameter `attempt`. Without a default. */
  tokenEndpoint?: string;
  /** Sent as `client_id`. Default: it is not sent. */
  clientId?: string;
  /** Where `signOut` revokes the session: RFC 7009. Default: nowhere. */
  revocationEndpoint?: string;
  /** Where `signOut` ends the other sessions of a user: the issuer's `/sessions`. Default: nowhere. */
  sessionsEndpoint?: string;
  /**
   * Instead of `tokenEndpoint`: gets the tokens itself, for a `refreshToken` unless a cookie holds it, until `signal` gives up.
   * The same `attempt` must give the same successor; it is "" in the one request that must go without it, so that a copied
   * session is found out. The session is over where it throws what has `error: "invalid_grant"` (with a `code` of RFC 6749's
   * answer), or a `TokenError` such as `ERR_REFRESH_REVOKED` or `ERR_SESSION_ENDED`; anything else is tried again. Default: none.
   */
  refresh?: (context: { refreshToken?: string; attempt: string; signal: AbortSignal }) => Promise<TokenInput>;
  /**
   * Where the refresh token travels. "body", the default: in a form, as RFC 6749 has it. "cookie": in a cookie that no
   * script reads, for an issuer with `cookie`, whose name is then the `storageKey`.
   */
  refreshTokenTransport?: "body" | "cookie";
  /**
   * When the tokens that are found at start are renewed. "if-needed", the default: near their end. "always": at once,
   * by the first live tab. "never": once they are asked for.
   */
  refreshOnStart?: "if-needed" | "always" | "never";
  /**
   * Default: "local", for all tabs. "session" is for one tab and survives its reload; a copy of the tab is signed out.
   * Both fall back to "memory", which is for one page, where the page may not store anything.
   */
  storage?: "local" | "session" | "memory" | StorageAdapter;
  /** Names everything that is stored, so that several clients live on one origin. Default: "evertoken". */
  storageKey?: string;
  /** Whether tokens are renewed before they expire. Default: true. */
  autoRefresh?: boolean;
  /** Seconds before the expiry at which a token is renewed, never more than a quarter of its life. Default: 60. */
  refreshBeforeExpiry?: number;
  /**
   * Seconds without use after which the session ends, here and at the server; renewal is no use, and use of one tab
   * counts for all. Pages are watched for pointer and keyboard; elsewhere `activity()` tells. After a sleep, a reload or a
   * jump of the clock only the server knows how long that was: it is asked, if it says `session_expires_in`, before there is
   * another token, so that the end comes with its answer, and may be three minutes late. Default: none.
   */
  idleTimeout?: number;
  /**
   * Whether tabs take turns to refresh and hear of each other at once. Default: true. In Deno, a client whose storage is
   * shared then keeps its program from ending until it is disposed of.
   */
  crossTab?: boolean;
  /** Seconds to wait for another tab that refreshes; the session does not depend on it. Default: 5. */
  lockWait?: number;
  /** Seconds after which a request to the token endpoint counts as lost. Default: 15. */
  requestTimeout?: number;
  /** The origins that may see the access token. Default: the page's own and the token endpoint's. */
  origins?: string[];
  /**
   * One-token mode: the header of an answer from an allowed origin that brings a renewed access token along. It is taken
   * where it is a newer one (`iat`) of the same `sub` and `sid`. Other origins must expose the header by CORS. Default: none.
   */
  renewedTokenHeader?: string;
  /**
   * Checks every received access token before it is used. `setTokens` rejects with what is wrong; what a refresh brings
   * is left alone, with a `warning`, and asked for again later. Times are judged by the token's own `iat`, since a
   * user's clock may be wrong, unless `now` says otherwise. Default: no check.
   */
  verify?: VerifierOptions;
  /** Hears a line for everything that is done. None holds a token or a part of one. Default: nobody hears. */
  debug?: (line: string) => void;
  /** What the client is to use instead of the host's own. Default, also of what is left out: the host's own. */
  host?: Partial<Host>;
}

/** Why a session ended. */
export type EndReason = "signedOut" | "expired" | "idle" | "revoked" | "reuse" | "evicted" | "storage" | "replaced" | "refused";

/** The state of the client, for people to see: the same object until something changes. */
export interface Snapshot {
  /** "waiting": for the network, and the token is gone. */
  readonly status: "loading" | "signedOut" | "active" | "refreshing" | "waiting" | "ended";
  /** `sub` of the access token. */
  readonly subject?: string;
  /** Unix seconds, by this machine's clock. */
  readonly expiresAt?: number;
  /** When it will be renewed, in the same seconds; nothing where it cannot be. */
  readonly refreshAt?: number;
  /** When the session ends however much it is used, in the same seconds. */
  readonly sessionEndsAt?: number;
  /** Counts the refreshes of this session. */
  readonly generation: number;
  /** Why the last refresh failed, until one succeeds. */
  readonly lastError?: TokenError;
  /** Why the session ended, where it has. */
  readonly endReason?: EndReason;
}

/** What each event says. */
export interface ClientEventDetail {
  /** Somebody signed in here. */
  signedIn: Snapshot;
  /** The tokens were renewed, here or in another tab. */
  refreshed: Snapshot;
  /** A refresh failed for now; it is tried again by itself, at `retryAt` (Unix seconds) or when it is needed. */
  refreshDeferred: { readonly error: TokenError; readonly retryAt?: number };
  /** The access token or the session is near its end and there will be no other. */
  expiring: { readonly reason: EndReason; readonly expiresAt?: number };
  /**
   * Nobody uses the application: a minute before the session ends for it, or a quarter of `idleTimeout`, with the end
   * in Unix seconds; and without one as soon as somebody does, in any tab.
   */
  idleCountdown: { readonly endsAt?: number };
  /** Another tab signed somebody in, or a refresh brought tokens of another user. */
  sessionChanged: Snapshot;
  /** The session is over. */
  ended: { readonly reason: EndReason; readonly expiresAt?: number };
  /** Something is not as it should be, and the client goes on. */
  warning: TokenError;
}
/** The names of all events. */
export type ClientEvent = keyof ClientEventDetail;

/** What the client's `fetch` takes beside that of the host's. */
export interface ClientRequestInit extends Omit<FetchInit, "body"> {
  /** Sends the request without a token, as `fetch` would. */
  skipAuth?: boolean;
  /** A function where the body can be sent once only: it is asked again for the replay. */
  body?: FetchInit["body"] | (() => FetchInit["body"]);
}

/** Keeps somebody signed in. Plain functions: they may be taken apart. */
export interface Client {
  /** Settles when what was stored has been read; rejects with `ERR_OPTIONS` when the options are wrong. */
  readonly ready: Promise<void>;
  /** After sign-in. Without `expires_in` the token's own `exp` and `iat` are used. */
  setTokens(response: TokenInput): Promise<void>;
  /**
   * A token that is valid now, renewed first where it must be; `null` when nobody is signed in.
   * `minValidity`: seconds that it must still live, or three quarters of its life where none lives that long. Default: 0.
   * `forceRefresh`: renewed in any case. Default: false. `signal`: ends the waiting, with its reason; a refresh goes on.
   * Default: none. Rejects with `ERR_SESSION_ENDED`, and with `ERR_REFRESH_UNAVAILABLE` (retryable) when the network is away
   * and the token is gone.
   */
  getAccessToken(options?: { minValidity?: number; forceRefresh?: boolean; signal?: AbortSignal }): Promise<string | null>;
  /** The claims of the access token, **not verified**; `null` when nobody is signed in. */
  getClaims<C = {}>(): (JwtClaims & C) | null;
  /** The state as it is; the same object until something changes. */
  getSnapshot(): Snapshot;
  /** Calls `listener` after every change of the snapshot; returns what ends that. */
  subscribe(listener: () => void): () => void;
  /** `fetch` with the token: to the allowed origins only, and once more with a fresh one after a 401. */
  fetch(input: FetchInput, init?: ClientRequestInit): Promise<Response>;
  /**
   * `scope` "session", the default: forgets the tokens here and revokes the session there. "local": forgets them only. "others":
   * ends all other sessions of the user and stays signed in. "all": both. Where the others cannot be ended it rejects
   * with `ERR_REFRESH_UNAVAILABLE` (retryable), and where nobody is signed in with `ERR_SESSION_ENDED`; "all" has signed out here
   * nevertheless.
   */
  signOut(options?: { scope?: "local" | "session" | "others" | "all" }): Promise<void>;
  /** Calls `listener` at every such event; returns what ends that. Throws `ERR_OPTIONS` where there is no such event. */
  on<E extends ClientEvent>(event: E, listener: (detail: ClientEventDetail[E]) => void): () => void;
  /** Says that the session is being used, where no page can tell; for `idleTimeout`. */
  activity(): void;
  /** Resumes what `stop` has paused. */
  start(): void;
  /** Pauses renewal; tokens are still renewed when they are asked for. */
  stop(): void;
  /** Ends timers and listeners. What is stored stays. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A client. Made at once, and it starts by itself; wrong options are reported by `ready` and by every method. */
export function createClient(options: ClientOptions): Client;
