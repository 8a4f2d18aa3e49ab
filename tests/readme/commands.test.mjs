// What the pages say to type: the demo's command is typed, and every other is one that the project has.

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../scripts/lib/port.mjs";
import { lines, startLine } from "./commands.mjs";
import { examples, pages, read, root } from "./blocks.mjs";

test("the demo starts as the README says, and prints what its comment says", { timeout: 180_000 }, async () => {
  const block = examples("README.md")["demo.sh"];
  const [line, ...more] = lines(block);
  assert.deepEqual(more, []);
  const [, promised] = /# .* prints: (ready \S+)$/m.exec(block) ?? [];
  assert.ok(promised);
  const port = await freePort();
  const demo = await startLine(line, /^(ready \S+)$/, { cwd: root, env: { PORT: String(port) } });
  try {
    assert.equal(demo.said, promised.replace("8787", String(port)));
    const page = await fetch(demo.said.replace("ready ", ""));
    assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  } finally {
    await demo.stop();
  }
});

/** All that a path of the project holds. */
function sources(path) {
  if (!statSync(join(root, path)).isDirectory()) return read(path);
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((file) => !file.includes("node_modules") && /\.(rs|m?js)$/.test(file))
    .map((file) => read(join(path, file)))
    .join("");
}

test("every command is one that the project has, with stages and options that it knows", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const said = pages.flatMap((page) => [...read(page).matchAll(/(?<=`|^ *)(?:npm (?:start|test|run [\w:]+)|node scripts\/test\.mjs)[^`\n]*/gm)].map(([line]) => ({ page, line: line.replace(/\s+#.*$/, "") })));
  assert.ok(said.length > 20);
  for (const { page, line } of said) {
    const [, stages] = /^node scripts\/test\.mjs (.*)$/.exec(line) ?? [];
    for (const [, quoted, plain] of (stages ?? "").matchAll(/"([^"]+)"|(?<!\S)([^-\s"]\S*)/g)) {
      const word = quoted ?? plain;
      assert.ok(read("scripts/test.mjs").split('["').slice(1).some((stage) => stage.split('"')[0].includes(word)), `${page}: ${word}`);
    }
    const [, npm] = /^npm (start|test|run \S+)/.exec(line) ?? [];
    if (!npm) continue;
    const name = npm.replace(/^run /, "");
    assert.ok(scripts[name], `${page}: ${line}`);
    const ours = { sim: "sim/src", bench: "bench", differential: "tests/differential", fuzz: "fuzz" }[name];
    const [, options = ""] = line.split(" -- ");
    for (const [word] of options.matchAll(/(?<!\S)--[\w-]+/g)) assert.ok(ours && sources(ours).includes(`"${word}"`), `${page}: ${line}`);
  }
});
