// JS because it must extend Error: one class for everything that any entry throws.

/** What went wrong: `code` for programs, `message` for people. Never holds a token or a key. */
export class TokenError extends Error {
  /** @param {{ code: string, message: string, retryable?: boolean, status?: number, claim?: string, reason?: string, retryAfter?: number, option?: string, maxAuthAge?: number, acrValues?: readonly string[], cause?: unknown }} from */
  constructor({ code, message, retryable = false, cause, ...where }) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    Object.assign(this, where);
  }
}
Object.defineProperty(TokenError.prototype, "name", { value: "TokenError" });

/** @param {unknown} value @returns {value is TokenError} */
export const isTokenError = (value) => value instanceof TokenError;

/**
 * The error for whatever came out of the wasm: the core throws plain objects with a `code`,
 * anything else is passed on as it is.
 * @param {any} thrown
 */
export const tokenError = (thrown) =>
  thrown !== null && typeof thrown === "object" && !(thrown instanceof Error) && typeof thrown.code === "string"
    ? new TokenError(thrown)
    : thrown;
