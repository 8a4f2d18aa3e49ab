// No block of code stands in a page unproven: a test that `npm test` runs takes it as it stands, or a compiler does.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { blocksOf, pages, read, readersFolder, root } from "./blocks.mjs";

const blocks = pages.flatMap(blocksOf);
const compiled = ["js", "jsx", "ts", "tsx"];
const where = ({ page, line }) => `${page}:${line}`;
const inLanguage = (...languages) => blocks.filter(({ language }) => languages.includes(language));

/** The folders whose tests `npm test` runs, without what `--full` adds. */
const [everyTime] = read("scripts/test.mjs").split("\nif (full) {");
const folders = new Set([...everyTime.matchAll(/\bnode\("(tests\/[^"]+)"/g)].map(([, folder]) => folder));

/** The tests of a folder, its subfolders left out, without their comments. */
const testsIn = (/** @type {string} */ folder) =>
  readdirSync(join(root, folder)).filter((file) => file.endsWith(".test.mjs")).map((file) => read(join(folder, file)).replace(/^\s*(\/\/|\/?\*).*$/gm, "")).join("\n");

test("the pages have blocks, and each says who runs or compiles it", () => {
  assert.ok(pages.includes("README.md") && pages.some((page) => page.startsWith("docs/")) && blocks.length > 10);
  assert.deepEqual(blocks.filter(({ by, name }) => !by || !name).map(where), []);
  assert.deepEqual(blocks.filter(({ how, language }) => how === "compiled" && !compiled.includes(language)).map(where), []);
});

test("nothing but a block says that it is run, and no two of a page have one name", () => {
  for (const page of pages) {
    const names = blocksOf(page).map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names, page);
    assert.equal(read(page).match(/^ *<!-- (?:run|compiled|shown) by /gm)?.length ?? 0, names.length, page);
  }
});

test("who is said to run a block is in `npm test`, and takes it by its name", () => {
  assert.ok(folders.has("tests/readme") && ![...folders].some((folder) => folder.endsWith("/full")));
  const run = blocks.filter(({ how }) => how === "run");
  for (const block of run) {
    assert.ok(folders.has(block.by), `${where(block)}: npm test does not run ${block.by}`);
    // Or another block does, which is run.
    const takers = [testsIn(block.by), ...run.filter(({ page }) => page === block.page).map(({ text }) => text)];
    const name = new RegExp(`["'\`](?:\\./)?${block.name.replaceAll(".", "\\.")}["'\`]`);
    assert.ok(takers.some((text) => name.test(text)), `${where(block)}: no test of ${block.by} takes ${block.name}`);
  }
});

test("every example in JavaScript and TypeScript compiles against the published types", { timeout: 120_000 }, () => {
  const { folder, write, path, remove } = readersFolder({ redis: "@redis/client", hono: "hono", axios: "axios", react: "react", "@types/node": "@types/node", "@types/react": "@types/react" });
  after(remove);
  const files = inLanguage(...compiled).map((block) => {
    const name = `${block.page.replaceAll("/", "-").replace(/\.md$/, "")}-line-${block.line}.${block.language}`;
    write(name, block.text + (same[block.name] ?? ""));
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

/** What a block declares is what is published, no more and no less. */
const same = {
  "store.ts": `
    type Published = import("evertoken/edge").Store;
    export const both = (ours: Store, theirs: Published): [Published, Store] => [ours, theirs];
  `,
};

const readersOwn = {
  "hosts.d.ts": "declare const Deno: any;\n",
  "users.js": `
    export const checkPassword = async (credentials) => credentials.username;
    export const checkCode = async (subject, code) => true;
    export const signIn = async (request, issuer) => issuer.signInResponse(request, { subject: "ada", clientId: "web" });
  `,
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
