// Whether this checkout may be released: one version in every file that says it, and a changelog that knows it.
// `node scripts/release-check.mjs v1.2.3` says so for that tag, without one for the version of package.json.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/run.mjs";

/** The version of the package of this name in a Cargo.toml or Cargo.lock. */
const cargoVersion = (text) => /^name = "evertoken"\nversion = "([^"]+)"/m.exec(text)?.[1];

/**
 * What is in the way of a release, in words; nothing where nothing is.
 * @param {string | undefined} tag  "v" and a version
 * @param {(file: string) => string} read
 * @returns {string[]}
 */
export const problems = (tag, read) => {
  const { version, repository } = JSON.parse(read("package.json"));
  const wanted = tag === undefined ? version : tag.replace(/^v/, "");
  const lock = JSON.parse(read("package-lock.json"));
  const versions = {
    "package.json": version,
    "package-lock.json": lock.version,
    "package-lock.json, packages": lock.packages[""].version,
    "Cargo.toml": cargoVersion(read("Cargo.toml")),
    "Cargo.lock": cargoVersion(read("Cargo.lock")),
  };
  const found = Object.entries(versions).filter(([, said]) => said !== wanted).map(([file, said]) => `${file} says ${said}, not ${wanted}`);
  if (tag !== undefined && !/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(tag)) found.push(`${tag} is no tag of a release: v1.2.3`);
  if (tag !== undefined && !repository) found.push("package.json does not say its repository, without which npm takes no provenance");
  if (tag !== undefined && !/^repository = /m.test(read("Cargo.toml"))) found.push("Cargo.toml does not say its repository");
  const changelog = read("CHANGELOG.md");
  const entry = changelog.split(/^## /m).find((part) => part.startsWith(`[${wanted}]`));
  if (!entry) found.push(`CHANGELOG.md has no entry "## [${wanted}] - YYYY-MM-DD"`);
  else if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/m.test(entry)) found.push(`CHANGELOG.md: the entry of ${wanted} has no date`);
  else if (!/^- /m.test(entry)) found.push(`CHANGELOG.md: the entry of ${wanted} says nothing`);
  return found;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const found = problems(process.argv[2], (file) => readFileSync(join(root, file), "utf8"));
  for (const problem of found) console.error(`  ✗ ${problem}`);
  if (found.length === 0) console.log("  ✓ versions and changelog agree");
  process.exit(found.length === 0 ? 0 : 1);
}
