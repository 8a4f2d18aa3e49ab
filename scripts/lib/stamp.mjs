// Skips work whose inputs have not changed: a stamp holds the hash of the inputs' contents.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";

/**
 * A hash over files and folders (relative to the project) and over plain words such as versions.
 * @param {string[]} paths
 * @param {{ only?: RegExp, words?: string[] }} [options]  `only`: which files of a folder count
 */
export function fingerprint(paths, { only = /./, words = [] } = {}) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`${word}\0`);
  for (const path of paths) {
    for (const file of filesOf(path)) {
      if (file !== path && !only.test(file)) continue;
      hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
    }
  }
  return hash.digest("hex");
}

/** @param {string} path @returns {string[]} */
function filesOf(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(join(root, path)).sort().flatMap((name) => filesOf(`${path}/${name}`));
}

/**
 * @param {string} name  of the stamp's file
 * @param {string} inputs  their fingerprint
 * @param {string[]} [outputs]  files that must still be there
 */
export function stamp(name, inputs, outputs = []) {
  const file = join(root, "target/stamps", name);
  const read = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return {
    fresh: () => read() === inputs && outputs.every((output) => existsSync(join(root, output))),
    /** Before the work: a run that is cut off leaves no stamp. */
    clear: () => rmSync(file, { force: true }),
    set() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, inputs);
    },
  };
}
