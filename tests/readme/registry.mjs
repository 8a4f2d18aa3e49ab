// A registry of npm's with the packages that are installed here: what `npm install` asks for is answered without leaving the machine.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { root } from "./blocks.mjs";

/** Every folder that the lock names and that is there, by the package's name; npm's own first. @type {Map<string, string[]>} */
const folders = new Map();
for (const place of Object.keys(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages)) {
  const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place) ?? [];
  if (name && existsSync(join(root, place, "package.json"))) folders.set(name, [...(folders.get(name) ?? []), join(root, place)]);
}

const described = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** What npm is told of a package: each version of it, and where that is to be had. */
function document(/** @type {string} */ name, /** @type {string} */ url) {
  const versions = (folders.get(name) ?? []).map((folder, at) => ({ ...described(folder), dist: { tarball: `${url}-/${at}/${name}` } }));
  return versions.length > 0 && { name, "dist-tags": { latest: versions[0].version }, versions: Object.fromEntries(versions.map((one) => [one.version, one])) };
}

/** @returns {Promise<{ url: string, close: () => void }>} */
export async function startRegistry() {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const [, at, packed] = /^-\/(\d+)\/(.+)$/.exec(path) ?? [];
    const folder = packed && folders.get(packed)?.[Number(at)];
    if (folder) {
      // As npm packs: one folder, without what it depends on.
      const tar = spawn("tar", ["-c", "--exclude=*/node_modules", "-C", dirname(folder), basename(folder)], { stdio: ["ignore", "pipe", "inherit"] });
      tar.stdout.pipe(response);
      return;
    }
    const found = document(path, url);
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(found || {}));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
  return { url, close: () => server.close() };
}
