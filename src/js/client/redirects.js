// JS because requests are the host's: redirects outside browsers, where nobody else sees to it that the token stays behind.

/** As many as browsers follow. */
const MOST = 20;

/** What is for the origin alone that a request was made for. */
const PRIVATE = ["authorization", "cookie", "proxy-authorization"];

/** What describes a body, which is not sent on with every redirect. */
const OF_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

/**
 * Sends a request and follows where it is sent on to (Fetch Standard, "HTTP-redirect fetch"). What is private stays
 * behind at the first step to another origin, and does not come back.
 * @param {(request: Request) => Promise<Response>} send
 * @param {Request} request
 * @param {() => Request | undefined} copy  the same once more, where its body can be had again
 */
export const following = async (send, request, copy) => {
  if (request.redirect !== "follow") return send(request);
  const { headers, signal } = request;
  let { method, url } = request;
  let next = request;
  for (let followed = 0; followed <= MOST; followed++) {
    const response = await send(new Request(next, { redirect: "manual" }));
    const { status } = response;
    const location = [301, 302, 303, 307, 308].includes(status) && response.headers?.get("location");
    if (!location) {
      if (followed > 0) Object.defineProperties(response, { redirected: { value: true }, url: { value: url } });
      return response;
    }
    response.body?.cancel().catch(() => {});
    const to = new URL(location, url);
    if (!/^https?:$/.test(to.protocol)) throw new TypeError("a server redirects to where no server is");
    if (to.origin !== new URL(url).origin) for (const name of PRIVATE) headers.delete(name);
    if (status === 303 ? method !== "HEAD" : status < 303 && method === "POST") {
      method = "GET";
      for (const name of OF_BODY) headers.delete(name);
    }
    const sends = method !== "GET" && method !== "HEAD" && request.body;
    const body = sends ? await copy()?.blob() : null;
    if (body === undefined) throw new TypeError("a server redirects a request whose body can be sent once only");
    ({ href: url } = to);
    next = new Request(url, { method, headers, body, signal });
  }
  throw new TypeError("a server redirects again and again");
};
