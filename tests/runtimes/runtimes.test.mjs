// The client in the real Deno and the real Bun: each program that runs there reports its tests, and each is one here.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deno } from "../stores/deno-program.mjs";
import { serve } from "./server.mjs";

const require = createRequire(new URL("../tools/package.json", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = (name) => new URL(`../../src/js/${name}.js`, import.meta.url).href;

/** From the package that holds nothing but the program. */
const bun = () => {
  const name = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  return join(require.resolve(`${name}/package.json`), `../bin/bun${process.platform === "win32" ? ".exe" : ""}`);
};

const folder = mkdtempSync(join(tmpdir(), "evertoken-runtimes-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What Deno keeps, localStorage among it, is kept for this run alone. */
const env = { ...process.env, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
const allowed = ["--allow-net=127.0.0.1", `--allow-read=${root}`, "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
/** @type {{ name: string, program: string, args: string[], source: string, results?: any[] }[]} */
const runtimes = [
  { name: "Deno", program: deno(), args: ["run", ...allowed], source: entry("deno") },
  { name: "Bun", program: bun(), args: ["run"], source: entry("node") },
];

/** Runs a program of this folder to its end, and gives what it printed, one JSON value a line. */
const run = async ({ program, args, source }, file, ...more) => {
  const { stdout } = await promisify(execFile)(program, [...args, fileURLToPath(new URL(file, import.meta.url)), source, ...more], { env, timeout: 60_000 });
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
};
const failed = ({ message, stdout, stderr }) => [{ name: "runs to its end", passed: false, error: [message, stdout, stderr].join("\n") }];

for (const runtime of runtimes) {
  const server = await serve();
  runtime.results = await run(runtime, "program.mjs", server.origin).catch(failed);
  server.close();
}

for (const runtime of runtimes) {
  const { name, results } = runtime;
  for (const result of results) test(`${name}: ${result.name}`, () => assert.ok(result.passed, result.error));
  test(`${name}: all suites were there`, () => assert.ok(results.length > 15, `${results.length} tests`));

  test(`${name}: C34: a program that has a client ends when it has nothing more to do`, async () => {
    assert.deepEqual(await run(runtime, "ends.mjs"), ["a"]);
  });
}

test("Deno: C34: a program finds what the last one stored", async () => {
  const tokens = { access_token: "a", refresh_token: "r", expires_in: 3600 };
  assert.deepEqual([await run(runtimes[0], "stored.mjs"), await run(runtimes[0], "stored.mjs", JSON.stringify(tokens)), await run(runtimes[0], "stored.mjs")], [[null], ["a"], ["a"]]);
});
