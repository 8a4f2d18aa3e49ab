// No block of code stands in a page unproven: it is run, compiled, or compared with what it is taken from.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { blocksOf, pages, read, readersFolder, root } from "./blocks.mjs";

const blocks = pages.flatMap(blocksOf);
const compiled = ["js", "jsx", "ts", "tsx"];
const where = ({ page, line }) => `${page}:${line}`;
const inLanguage = (...languages) => blocks.filter(({ language }) => languages.includes(language));
const stripped = (jsonc) => jsonc.replace(/^\s*\/\/.*$/gm, "");
const asObject = (text) => JSON.parse(text.trim().startsWith("{") ? stripped(text) : `{${stripped(text)}}`);

/** All that a path of the project holds. */
function sources(path) {
  if (!statSync(join(root, path)).isDirectory()) return read(path);
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((file) => !file.includes("node_modules") && /\.(rs|m?js|json)$/.test(file))
    .map((file) => read(join(path, file)))
    .join("");
}

test("the pages have blocks, and each block has a way to be proven", () => {
  assert.ok(pages.includes("README.md") && pages.some((page) => page.startsWith("docs/")) && blocks.length > 10);
  const proven = ({ language, by, shownBy }) => compiled.includes(language) || ["json", "jsonc"].includes(language) || by || shownBy;
  assert.deepEqual(blocks.filter((block) => !proven(block)).map(where), []);
});

test("what a block says of its proof is there, and knows it", () => {
  for (const block of blocks) {
    if (block.shownBy) assert.ok(existsSync(join(root, block.shownBy)), `${where(block)}: ${block.shownBy}`);
    if (block.by) assert.ok(sources(block.by).includes(block.name), `${where(block)}: nothing in ${block.by} names ${block.name}`);
  }
});

test("every example in JavaScript and TypeScript compiles against the published types", { timeout: 120_000 }, () => {
  const { folder, write, path, remove } = readersFolder({ redis: "@redis/client", hono: "hono", axios: "axios", react: "react", "@types/node": "@types/node", "@types/react": "@types/react" });
  after(remove);
  const files = inLanguage(...compiled).map((block) => {
    const name = `${block.page.replaceAll("/", "-").replace(/\.md$/, "")}-line-${block.line}.${block.language}`;
    write(name, block.text);
    return name;
  });
  // What the examples leave to their reader, and each other.
  for (const { name, text } of blocks) if (name && /\.m?[jt]sx?$/.test(name)) write(name, text);
  for (const [name, text] of Object.entries(readersOwn)) write(name, text);
  write("tsconfig.json", JSON.stringify({
    compilerOptions: {
      ...{ module: "nodenext", moduleDetection: "force", target: "es2024", lib: ["es2024", "esnext", "dom", "dom.iterable"], types: ["node"], jsx: "preserve" },
      ...{ allowJs: true, checkJs: true, strict: false, noEmit: true, skipLibCheck: true },
    },
    files: ["hosts.d.ts", ...files],
  }));
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", path("tsconfig.json")], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

const readersOwn = {
  "hosts.d.ts": "declare const Deno: any;\n",
  "users.js": "export const checkPassword = async (credentials) => credentials.username;\nexport const checkCode = async (subject, code) => true;\n",
  "application.js": `
    export const [issuer, store] = /** @type {[import("evertoken/edge").Issuer, import("evertoken/edge").Store]} */ (/** @type {any} */ ([]));
    export const signingKey = /** @type {import("evertoken/edge").Jwk} */ ({});
    export const roleOf = async (subject) => "reader";
    export const setRole = async (subject, role) => {};
    export const now = Date.now;
  `,
  "keys.js": "export const keys = { keys: [] };\n",
  "database.mjs": "export const db = { query: async (sql, values = []) => ({ rows: [] }) };\n",
};

test("every command is one that the project has, with options that it knows", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const commands = inLanguage("sh").flatMap((block) => block.text.split("\n").map((line) => ({ block, line: line.replace(/\s+#.*$/, "").trim() })).filter(({ line }) => line));
  assert.ok(commands.length > 5);
  for (const { block, line } of commands) {
    const [, stages] = /^node scripts\/test\.mjs (.*)$/.exec(line) ?? [];
    for (const [, quoted, plain] of (stages ?? "").matchAll(/"([^"]+)"|(?<!\S)([^-\s"]\S*)/g)) {
      const word = quoted ?? plain;
      assert.ok(read("scripts/test.mjs").split('["').slice(1).some((stage) => stage.split('"')[0].includes(word)), `${where(block)}: ${word}`);
    }
    const [, npm] = /(?:^|\s)npm (start|test|run \S+)/.exec(line) ?? [];
    if (!npm) {
      // What is no script of ours stands in the file that shows it.
      if (block.shownBy && !stages && !/^cargo test /.test(line)) assert.ok(read(block.shownBy).includes(line), `${where(block)}: ${line}`);
      continue;
    }
    const name = npm.replace(/^run /, "");
    assert.ok(scripts[name], `${where(block)}: ${line}`);
    const ours = { sim: "sim/src", bench: "bench", differential: "tests/differential", fuzz: "fuzz", "test:full": "scripts/test.mjs" }[name] ?? `scripts/${name}.mjs`;
    const [, options = ""] = line.split(" -- ");
    for (const [word] of options.matchAll(/(?<!\S)--[\w-]+/g)) assert.ok(sources(ours).includes(`"${word}"`), `${where(block)}: ${word}`);
  }
});

test("what is taken from a file of the project is there as it stands", () => {
  for (const block of inLanguage("")) assert.ok(read(block.shownBy).includes(block.text.trim()), where(block));
  for (const block of inLanguage("json", "jsonc")) {
    const said = asObject(block.text);
    if (!block.shownBy) continue;
    const there = asObject(read(block.shownBy));
    for (const member of Object.keys(said)) assert.deepEqual(said[member], there[member], `${where(block)}: ${member}`);
  }
});
