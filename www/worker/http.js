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
 * The strings of these names from the JSON in the body, or nothing if it does not hold them all.
 * @param {Request} request
 * @param {...string} names
 */
export async function readStrings(request, ...names) {
  if (Number(request.headers.get("content-length")) > LONGEST_BODY) return undefined;
  try {
    const body = await request.json();
    return names.every((name) => typeof body[name] === "string") ? body : undefined;
  } catch {
    return undefined;
  }
}
