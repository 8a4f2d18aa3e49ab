// A tag is released only where every file agrees with it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";
import { problems } from "../../scripts/release-check.mjs";
import { examples } from "../readme/blocks.mjs";

const ours = (/** @type {string} */ file) => readFileSync(join(root, file), "utf8");
const { version } = JSON.parse(ours("package.json"));

/** The project's files as they would be for a release, some of them replaced. */
const files = (/** @type {Record<string, (text: string) => string>} */ changes = {}) => (/** @type {string} */ file) => {
  const text = file === "CHANGELOG.md" ? `# Changelog\n\n## [Unreleased]\n\n## [${version}] - 2026-12-01\n\n### Added\n\n- Everything.\n` : ours(file);
  return changes[file]?.(text) ?? text;
};
const home = {
  "package.json": (/** @type {string} */ text) => JSON.stringify({ ...JSON.parse(text), repository: "https://git.example/evertoken" }),
  "Cargo.toml": (/** @type {string} */ text) => text.replace(/^version = .*$/m, '$&\nrepository = "https://git.example/evertoken"'),
};

test("the files of this checkout say one version", () => {
  assert.deepEqual(problems(undefined, files()), []);
  assert.deepEqual(problems(`v${version}`, files(home)), []);
});

test("a tag is refused while nobody can tell where the repository is", () => {
  const nowhere = (/** @type {string} */ text) => text.replace(/"repository"/, '"somewhere"').replace(/^repository = /m, "somewhere = ");
  const found = problems(`v${version}`, files({ "package.json": nowhere, "Cargo.toml": nowhere }));
  assert.deepEqual(found.map((line) => line.split(" ")[0]), ["package.json", "Cargo.toml"]);
  for (const line of found) assert.match(line, /add "?repository/);
});

test("where the repository is known, its address is the one to write", () => {
  const here = "https://git.example/evertoken";
  assert.deepEqual(problems(`v${version}`, files(home), here), []);
  const asNpmWrites = { ...home, "package.json": (/** @type {string} */ text) => JSON.stringify({ ...JSON.parse(text), repository: { type: "git", url: `git+${here}.git` } }) };
  assert.deepEqual(problems(`v${version}`, files(asNpmWrites), here), []);
  const moved = problems(`v${version}`, files(home), "https://git.example/moved");
  assert.deepEqual(moved.map((line) => line.includes("https://git.example/moved")), [true, true]);
  const nowhere = problems(`v${version}`, files({ "package.json": (text) => text.replace(/"repository"/, '"somewhere"') }), here);
  assert.ok(nowhere.some((line) => line.includes(`"repository": "${here}"`)), nowhere.join("\n"));
});

test("a tag of another version is refused by every file", () => {
  const found = problems("v99.0.0", files());
  for (const file of ["package.json", "package-lock.json", "Cargo.toml", "Cargo.lock", "CHANGELOG.md"]) assert.ok(found.some((line) => line.startsWith(file)), file);
});

test("a new version reaches the lock files by the commands of docs/releasing.md", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "evertoken-release-"));
  after(() => rmSync(folder, { recursive: true }));
  for (const file of execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n")) cpSync(join(root, file), join(folder, file));
  for (const [file, line] of Object.entries({ "package.json": `"version": "${version}"`, "Cargo.toml": `version = "${version}"` })) {
    writeFileSync(join(folder, file), ours(file).replace(line, line.replace(version, "99.0.0")));
  }
  const there = (/** @type {string} */ file) => readFileSync(join(folder, file), "utf8");
  const named = () => problems(undefined, there).map((problem) => problem.split(" ")[0]);
  assert.deepEqual(named(), ["package-lock.json", "package-lock.json,", "Cargo.lock", "CHANGELOG.md"]);

  // Everything that it needs is here, and no registry is asked.
  execFileSync("sh", ["-ec", examples("docs/releasing.md")["release.sh"]], { cwd: folder, env: { ...process.env, npm_config_offline: "true" }, stdio: "pipe" });
  assert.deepEqual(named(), ["CHANGELOG.md"]);
});

test("one file that was forgotten is named", () => {
  const older = (/** @type {string} */ text) => text.replace(`name = "evertoken"\nversion = "${version}"`, 'name = "evertoken"\nversion = "0.0.1"');
  for (const file of ["Cargo.toml", "Cargo.lock"]) assert.deepEqual(problems(undefined, files({ [file]: older })), [`${file} says 0.0.1, not ${version}`]);
});

test("a changelog without an entry, without its date or without words is refused", () => {
  const line = `## [${version}] - 2026-12-01`;
  const refused = (/** @type {(text: string) => string} */ change) => assert.equal(problems(undefined, files({ "CHANGELOG.md": change })).length, 1);
  refused((text) => text.replace(line, "## [0.0.1] - 2026-12-01"));
  refused((text) => text.replace(line, `## [${version}]`));
  refused((text) => text.replace("- Everything.", ""));
});

test("what is no tag of a release is refused", () => {
  assert.ok(problems(`release-${version}`, files()).some((line) => line.includes("is no tag")));
});

test("the workflow runs what the page on releasing says, with the fewest rights", () => {
  const workflow = ours(".github/workflows/release.yml");
  for (const command of ["node scripts/release-check.mjs", "bash .ci/run", "npm run test:package", "--provenance --access public", "cargo publish --locked"]) assert.ok(workflow.includes(command), command);
  assert.match(workflow, /^permissions:\n {2}contents: read\n/m);
});
