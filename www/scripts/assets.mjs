// Lays out what the browser is served: the page, and evertoken as it is published, without a bundler.

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, root));

export const assetsFolder = path("www/dist");

/** Copies into `www/dist` what `npm run build` has built and what `www/page` holds. */
export function copyAssets() {
  rmSync(assetsFolder, { recursive: true, force: true });
  cpSync(path("www/page"), assetsFolder, { recursive: true });
  // The folders keep their distance to each other: the entry finds its wasm by a relative URL.
  mkdirSync(path("www/dist/evertoken/pkg"), { recursive: true });
  for (const file of ["evertoken.js", "evertoken_bg.wasm"]) cpSync(path(`pkg/${file}`), path(`www/dist/evertoken/pkg/${file}`));
  cpSync(path("src/js"), path("www/dist/evertoken/src/js"), { recursive: true, filter: (from) => !/\/(edge|stores)$|\.d\.ts$/.test(from) });
}
