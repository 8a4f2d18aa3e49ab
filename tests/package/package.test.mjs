// The package as npm gives it to its users: packed, installed elsewhere, and walked through in Node and in workerd.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { serve } from "../../www/scripts/serve.mjs";
import { user } from "./pack.mjs";
import { CHECKS } from "./smoke.mjs";

const { folder, installed, write, remove } = user();
const modules = ["evertoken", "evertoken_client", "evertoken_edge"];
const paths = readdirSync(installed, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(installed, join(entry.parentPath, entry.name)));

copyFileSync(new URL("smoke.mjs", import.meta.url), join(folder, "smoke.mjs"));
after(remove);

test("holds the modules, the entries and the licences, and nothing of the rest", () => {
  for (const name of modules) {
    assert.ok(paths.includes(`pkg/${name}.js`), name);
    assert.ok(paths.includes(`pkg/${name}_bg.wasm`), name);
  }
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"]) assert.ok(paths.includes(name), name);
  assert.deepEqual(paths.filter((path) => !/^(src\/js|pkg)\/|^[A-Z-]+(\.md)?$|^README\.zh-CN\.md$|^package\.json$/.test(path)), []);
  assert.deepEqual(paths.filter((path) => /\.(rs|map|test\.)/.test(path)), []);
});

test("the modules name no folder of whoever built them", () => {
  for (const name of modules) {
    const module = readFileSync(join(installed, `pkg/${name}_bg.wasm`), "latin1");
    assert.doesNotMatch(module, /registry\/src/);
    assert.ok(!module.includes(homedir()), name);
  }
});

test("every target of the exports map is in it", () => {
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const targets = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const target of targets) assert.ok(paths.includes(target.slice(2)), target);
});

test("publint finds nothing to say", async () => {
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  // "deno" is a source phase import, which publint cannot parse.
  const said = messages.filter(({ path }) => !path?.includes("deno")).map((message) => formatMessage(message, pkg));
  assert.deepEqual(said, []);
});

test("exports what the types say, in both entries", () => {
  write("names.mjs", 'import * as main from "evertoken"; import * as edge from "evertoken/edge"; console.log(JSON.stringify([main, edge].map((entry) => Object.keys(entry).filter((name) => entry[name] !== undefined).sort())));\n');
  const exported = JSON.parse(run("names.mjs"));
  assert.deepEqual(exported, [declared("index"), declared("edge")]);
});

/** The values that a .d.ts exports, by itself or from shared.d.ts. */
function declared(entry) {
  const text = readFileSync(join(installed, `src/js/types/${entry}.d.ts`), "utf8");
  const own = [...text.matchAll(/^export (?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  const shared = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names]) => names.split(",").map((name) => name.trim()));
  return [...own, ...shared].filter(Boolean).sort();
}

const run = (file) => execFileSync(process.execPath, ["--no-warnings", file], { cwd: folder, encoding: "utf8" });

test("is imported in Node", () => {
  write("esm.mjs", `
    import * as main from "evertoken";
    import * as edge from "evertoken/edge";
    import { memoryStore } from "evertoken/stores/memory";
    import { smoke } from "./smoke.mjs";
    console.log(JSON.stringify(await smoke({ main, edge, memoryStore })));
  `);
  assert.equal(JSON.parse(run("esm.mjs")).length, CHECKS);
});

test("is required in Node", () => {
  write("cjs.cjs", `
    const main = require("evertoken");
    const edge = require("evertoken/edge");
    const { memoryStore } = require("evertoken/stores/memory");
    import("./smoke.mjs").then(({ smoke }) => smoke({ main, edge, memoryStore })).then((done) => console.log(JSON.stringify(done)));
  `);
  assert.equal(JSON.parse(run("cjs.cjs")).length, CHECKS);
});

test("runs in workerd", async () => {
  mkdirSync(join(folder, "state"));
  write("worker.mjs", `
    import * as main from "evertoken";
    import * as edge from "evertoken/edge";
    import { memoryStore } from "evertoken/stores/memory";
    import { smoke } from "./smoke.mjs";
    export default {
      fetch: () =>
        smoke({ main, edge, memoryStore }).then((done) => Response.json(done), (error) => new Response(error.stack, { status: 500 })),
    };
  `);
  write("wrangler.json", JSON.stringify({ name: "smoke", main: "worker.mjs", compatibility_date: "2026-04-24" }));
  const worker = await serve({ config: join(folder, "wrangler.json"), port: 0, state: join(folder, "state") });
  try {
    // Twice: nothing that the first request made may belong to it alone.
    for (const request of ["first", "second"]) {
      const response = await fetch(worker.url);
      const text = await response.text();
      assert.equal(response.status, 200, `${request}: ${text}`);
      assert.equal(JSON.parse(text).length, CHECKS);
    }
  } finally {
    await worker.stop();
  }
});
