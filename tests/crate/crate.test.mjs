// The crate as crates.io would give it: its archive alone, and a project of somebody who depends on it.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { cargoTests } from "../../scripts/lib/counts.mjs";
import { root, run } from "../../scripts/lib/run.mjs";

const [, version] = /^version = "([^"]+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8")) ?? [];
const packed = join(root, "target/crate/package", `evertoken-${version}`);
const user = mkdtempSync(join(tmpdir(), "evertoken-crate-"));
after(() => rmSync(user, { recursive: true }));
// What was compiled for an earlier one is used again.
const env = { CARGO_TARGET_DIR: join(root, "target/crate-user") };
const minutes = (/** @type {number} */ count) => ({ timeout: count * 60 });

test("is packed", async () => {
  await run("cargo", ["package", "--locked", "--allow-dirty", "--no-verify", "--package", "evertoken", "--target-dir", "target/crate"], minutes(1));
  rmSync(packed, { recursive: true, force: true });
  await run("tar", ["-xzf", `${packed}.crate`, "-C", join(packed, "..")]);
  const files = readdirSync(packed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "lib.rs"]) assert.ok(files.includes(name), name);
  assert.deepEqual(files.filter((name) => !/\.rs$|\.md$|^LICENSE-|^Cargo\.(toml(\.orig)?|lock)$|^\.cargo_vcs_info\.json$/.test(name)), []);
});

for (const [title, features, tests] of [
  ["all that is on by default", "", 5],
  ["the verifier alone", ', default-features = false, features = ["rust-crypto"]', 3],
]) {
  test(`is used with ${title}`, async () => {
    const name = `user-${tests}`;
    const folder = join(user, name);
    mkdirSync(join(folder, "tests"), { recursive: true });
    writeFileSync(join(folder, "Cargo.toml"), `[package]\nname = "${name}"\nedition = "2024"\n\n[lib]\npath = "lib.rs"\n\n[dependencies]\nevertoken = { path = ${JSON.stringify(packed)}${features} }\n`);
    writeFileSync(join(folder, "lib.rs"), "");
    // The versions that the project itself is tested with.
    copyFileSync(join(root, "Cargo.lock"), join(folder, "Cargo.lock"));
    for (const file of readdirSync(join(root, "tests/crate/user"))) {
      if (features === "" || file === "verifies.rs") copyFileSync(join(root, "tests/crate/user", file), join(folder, "tests", file));
    }
    const output = await run("cargo", ["test", "--offline", "--tests"], { cwd: folder, env, ...minutes(15) });
    assert.deepEqual(cargoTests(output), { passed: tests, failed: 0 });
  });
}
