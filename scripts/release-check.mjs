// Whether this checkout may be released: one version in every file that says it, and a changelog that knows it.
// `node scripts/release-check.mjs v1.2.3` says so for that tag, without one for the version of package.json.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/run.mjs";

/** The version of the package of this name in a Cargo.toml or Cargo.lock. */
const cargoVersion = (text) => /^name = "evertoken"\nversion = "([^"]+)"/m.exec(text)?.[1];

/** The address within what package.json may say: a string, an object, with or without what git and npm put around it. */
const address = (/** @type {any} */ repository) =>
  (repository?.url ?? repository)?.replace(/^github:/, "https://github.com/").replace(/^git\+/, "").replace(/\.git$/, "");

/**
 * Where both say that the project is. Registries take a provenance only from there.
 * @param {(file: string) => string} read
 * @param {string | undefined} here  where it is, as far as is known
 */
const strayed = (read, here) => {
  const places = {
    "package.json": [address(JSON.parse(read("package.json")).repository), (/** @type {string} */ url) => `"repository": "${url}"`],
    "Cargo.toml": [address(/^repository = "([^"]+)"$/m.exec(read("Cargo.toml"))?.[1]), (/** @type {string} */ url) => `repository = "${url}" under [package]`],
  };
  return Object.entries(places).flatMap(([file, [said, line]]) => {
    const wanted = here ?? said;
    if (said === undefined) return [`${file} does not say where the project is, and without that npm takes no provenance: add ${line(here ?? "https://<where this repository is public>")}`];
    return said === wanted ? [] : [`${file} says that the project is at ${said}, and this is ${wanted}: write ${line(wanted)}`];
  });
};

/**
 * What is in the way of a release, in words; nothing where nothing is.
 * @param {string | undefined} tag  "v" and a version
 * @param {(file: string) => string} read
 * @param {string} [here]  where the repository is that releases
 * @returns {string[]}
 */
export const problems = (tag, read, here) => {
  const { version } = JSON.parse(read("package.json"));
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
  if (tag !== undefined) found.push(...strayed(read, here));
  const changelog = read("CHANGELOG.md");
  const entry = changelog.split(/^## /m).find((part) => part.startsWith(`[${wanted}]`));
  if (!entry) found.push(`CHANGELOG.md has no entry "## [${wanted}] - YYYY-MM-DD"`);
  else if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/m.test(entry)) found.push(`CHANGELOG.md: the entry of ${wanted} has no date`);
  else if (!/^- /m.test(entry)) found.push(`CHANGELOG.md: the entry of ${wanted} says nothing`);
  return found;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
  const here = GITHUB_REPOSITORY && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  const found = problems(process.argv[2], (file) => readFileSync(join(root, file), "utf8"), here);
  for (const problem of found) console.error(`  ✗ ${problem}`);
  if (found.length === 0) console.log("  ✓ versions and changelog agree");
  process.exit(found.length === 0 ? 0 : 1);
}
