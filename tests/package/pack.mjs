// The tarball that npm would publish, and a folder of somebody who installed it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/run.mjs";
import { fingerprint } from "../../scripts/lib/stamp.mjs";

const npm = (cwd, ...args) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** The tarball of the project as it is, packed once however many fixtures want it. */
export const tarball = () => {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = join(root, "target/package", `${fingerprint(["package.json", "README.md", ...files]).slice(0, 16)}.tgz`);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const aside = mkdtempSync(join(dirname(file), "packing-"));
    const [{ filename }] = JSON.parse(npm(aside, "pack", root, "--json", "--pack-destination", aside));
    renameSync(join(aside, filename), file);
    rmSync(aside, { recursive: true });
  }
  return file;
};

/**
 * A new folder in which the package is installed.
 * @param {string} [inside]  where it is made: in there, what it needs beside the package is found
 */
export const user = (inside = tmpdir()) => {
  const folder = mkdtempSync(join(inside, "evertoken-package-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "a-user", private: true, type: "module" }));
  npm(folder, "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball());
  return {
    folder,
    installed: join(folder, "node_modules/evertoken"),
    /** @param {string} name @param {string} text */
    write: (name, text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
