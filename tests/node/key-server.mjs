// A server of keys over real HTTP, which answers as the test says.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * @param {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void} answer
 */
export async function keyServer(answer) {
  const seen = { requests: [], answer, closed: 0 };
  const server = createServer((request, response) => {
    seen.requests.push({ method: request.method, url: request.url, headers: request.headers });
    response.once("close", () => seen.closed++);
    seen.answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(seen, { origin: `http://127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/jwks`, stop });
}

/** Answers with this JWK set. */
export const publishing = (keys, headers = {}) => (_, response) => {
  response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify({ keys }));
};
