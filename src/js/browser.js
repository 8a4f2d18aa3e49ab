// Browsers and bundlers: fetched at first use, and a page that only has a client fetches the client alone.

export { createClient } from "./browser/client.js";
export { createVerifier, decode, decodeSync, expiresIn, expiresInSync, init } from "./browser/whole.js";
export { isTokenError, TokenError } from "./errors.js";
