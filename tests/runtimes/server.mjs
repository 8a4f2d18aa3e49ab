// A server of tokens and an API for programs in other runtimes, a session for each user; what it saw, it tells.

import { once } from "node:events";
import { createServer } from "node:http";
import { rotating } from "../browsers/rotating.mjs";

export const serve = async () => {
  const server = rotating({ repeats: true });
  const newest = (user) => server.tokens(user).access_token;
  const routes = {
    ...server.routes,
    "/sign-in": (body, response) => {
      const { user, life } = JSON.parse(body);
      response.end(JSON.stringify(server.tokens(user, life)));
    },
    /** As if somebody else had refreshed. */
    "/forget": (user, response) => {
      server.sessions.get(user).generation++;
      response.end(JSON.stringify(server.tokens(user)));
    },
    "/posts": (user, response) => response.end(String(server.posts.filter(({ token }) => token.startsWith(`${user}.`)).length)),
    "/revoked": (user, response) => response.end(server.revoked.filter((token) => token.startsWith(`${user}.`)).join()),
    "/me": (_, response, { authorization = "" }) => {
      const [, token, user] = /^Bearer ((\w+)\..*)$/.exec(authorization) ?? [];
      response.writeHead(user && token === newest(user) ? 200 : 401).end();
    },
  };
  const listener = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const route = routes[request.url];
    if (route) route(body, response, request.headers);
    else response.writeHead(404).end();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return { origin: `http://127.0.0.1:${listener.address().port}`, close: () => (listener.closeAllConnections(), listener.close()) };
};
