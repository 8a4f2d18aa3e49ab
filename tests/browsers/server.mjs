// What the browsers visit: the project's files as they are published, under the policy that pages should have.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json", ".html": "text/html" };
const served = /^\/(src\/js|pkg|tests\/(browsers|suites|vectors)|node_modules\/jose)\//;

/**
 * A server on a free port. What the page posts to /report reaches `heard`.
 * @param {(report: any) => void} heard
 * @param {object} [options]
 * @param {string} [options.connect]  whom pages may ask; themselves, unless it says more
 * @param {Record<string, string>} [options.headers]  that go with every answer
 * @param {Record<string, (body: string, response: import("node:http").ServerResponse, request: import("node:http").IncomingMessage) => unknown>} [options.routes]  more that it answers
 */
export const pages = async (heard, { connect = "'self'", headers = {}, routes = {} } = {}) => {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    let body = "";
    for await (const chunk of request) body += chunk;
    if (Object.hasOwn(routes, pathname)) return routes[pathname](body, response, request);
    if (pathname === "/report") {
      response.end();
      return heard(JSON.parse(body));
    }
    const file = served.test(pathname) && !pathname.includes("..") && (await readFile(root + pathname.slice(1)).catch(() => undefined));
    response.writeHead(file ? 200 : 404, {
      "content-type": types[/** @type {keyof typeof types} */ (extname(pathname))] ?? "text/plain",
      "content-security-policy": `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src ${connect}`,
    });
    response.end(file || "");
  });
  const listen = (at = 0) => new Promise((listening) => server.listen(at, "127.0.0.1", () => listening(undefined)));
  await listen();
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => new Promise((closed) => (server.close(closed), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${port}/tests/browsers/page.html`, close, reopen: () => listen(port) };
};
