// What the demo says and hears over HTTP.

/**
 * A JSON answer that nobody keeps and nobody frames.
 * @param {number} status
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
export function json(status, body, headers) {
  return Response.json(body, {
    status,
    headers: {
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

/**
 * 401 as RFC 6750 section 3 has it: without a token there is no error to name.
 * @param {{ code: string, message: string }} [error]
 */
export function unauthorized(error) {
  const realm = 'Bearer realm="evertoken demo"';
  if (!error) return json(401, { error: "unauthorized" }, { "www-authenticate": realm });
  const said = error.message.replace(/[^\x20-\x7e]|["\\]/g, "'");
  return json(
    401,
    { error: "invalid_token", code: error.code, error_description: error.message },
    { "www-authenticate": `${realm}, error="invalid_token", error_description="${said}"` },
  );
}

/** @param {Request} request */
export const bearerToken = (request) => /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];

const LONGEST_BODY = 4096;

/**
 * `{ username, password }` from the body, or nothing if that is not what it holds.
 * @param {Request} request
 */
export async function readCredentials(request) {
  if (Number(request.headers.get("content-length")) > LONGEST_BODY) return undefined;
  try {
    const { username, password } = await request.json();
    return typeof username === "string" && typeof password === "string" ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}
