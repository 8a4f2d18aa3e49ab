// The demo's secrets: made once, kept as they are, and completed where a file of before lacks some.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ensureSecrets } from "../../www/scripts/secrets.mjs";

const folder = mkdtempSync(join(tmpdir(), "evertoken-secrets-"));
after(() => rmSync(folder, { recursive: true }));

const read = (file) => Object.fromEntries(readFileSync(file, "utf8").trim().split("\n").map((line) => /^(\w+)='(.*)'$/.exec(line).slice(1)));

test("are made once, for their owner alone", () => {
  const file = join(folder, "new");
  assert.equal(ensureSecrets(file), true);
  const secrets = read(file);
  const keys = [JSON.parse(secrets.SIGNING_KEY), ...JSON.parse(secrets.MORE_SIGNING_KEYS)];
  assert.deepEqual(keys.map(({ alg, kty }) => `${alg} ${kty}`), ["ES256 EC", "EdDSA OKP", "RS256 RSA"]);
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, 3);
  assert.ok(secrets.REFRESH_SECRET.length >= 43, "32 bytes and more");
  assert.equal(statSync(file).mode & 0o777, 0o600);

  assert.equal(ensureSecrets(file), false);
  assert.deepEqual(read(file), secrets);
});

test("of before are kept, and get the keys that they lack", () => {
  const file = join(folder, "old");
  writeFileSync(file, `SIGNING_KEY='{"kid":"kept"}'\nREFRESH_SECRET='kept as well'\n`);
  assert.equal(ensureSecrets(file), true);
  const { MORE_SIGNING_KEYS, ...kept } = read(file);
  assert.deepEqual(kept, { SIGNING_KEY: '{"kid":"kept"}', REFRESH_SECRET: "kept as well" });
  assert.equal(JSON.parse(MORE_SIGNING_KEYS).length, 2);
  assert.equal(ensureSecrets(file), false);
});
