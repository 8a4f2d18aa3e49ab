// Lays out what the browser is served: the page, and evertoken as it is published, without a bundler.

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, root));

export const assetsFolder = path("www/dist");

/**
 * Copies into `folder` what `npm run build` has built and what `www/page` holds.
 * @param {string} [folder]
 */
export function copyAssets(folder = assetsFolder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(path("www/page"), folder, { recursive: true });
  // The folders keep their distance to each other: the entry finds its wasm by a relative URL.
  const evertoken = join(folder, "evertoken");
  mkdirSync(join(evertoken, "pkg"), { recursive: true });
  for (const file of ["evertoken", "evertoken_client"].flatMap((name) => [`pkg/${name}.js`, `pkg/${name}_bg.wasm`])) cpSync(path(file), join(evertoken, file));
  cpSync(path("src/js"), join(evertoken, "src/js"), { recursive: true, filter: (from) => !/\/(edge|stores|types)$/.test(from) });
}
