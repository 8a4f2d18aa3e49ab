// Everything that a user can name or set says what it is; a number that one may leave out says its unit and its default.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "src/js/types");
const files = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".d.ts")).map((name) => join(folder, name));
const program = ts.createProgram(files, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, types: [] });

// Binds the nodes to their parents, which their comments are found by.
program.getTypeChecker();

/** Shapes whose members have their meaning elsewhere, which the shape's own comment names: a standard, another library. */
const elsewhere = (/** @type {string} */ shape) => ["Jwk", "JwkSet", "JwtHeader", "JwtClaims"].includes(shape) || shape.endsWith("Like");
const said = (/** @type {ts.Node} */ node) => ts.getJSDocCommentsAndTags(node).map((comment) => comment.getText()).join("\n");
const nameOf = (/** @type {any} */ node) => node.name?.getText() ?? "";

/** @typedef {{ at: string, shape: string, member?: any, text: string }} Declared */
/** @type {Declared[]} */
const declared = files.flatMap((file) => {
  const source = /** @type {ts.SourceFile} */ (program.getSourceFile(file));
  return source.statements.filter((statement) => nameOf(statement) !== "").flatMap((/** @type {any} */ statement) => {
    const shape = nameOf(statement);
    const named = (statement.members ?? []).filter((/** @type {any} */ member) => member.name && !nameOf(member).startsWith("[Symbol"));
    const line = (/** @type {ts.Node} */ node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const at = (/** @type {ts.Node} */ node) => `${relative(root, file)}:${line(node)}`;
    return [
      { at: `${at(statement)} ${shape}`, shape, text: said(statement) },
      ...named.map((/** @type {any} */ member) => ({ at: `${at(member)} ${shape}.${nameOf(member)}`, shape, member, text: said(member) })),
    ];
  });
});

test("there is something to look at", () => {
  assert.ok(declared.length > 200, String(declared.length));
});

test("every declaration and every member is described", () => {
  const alone = declared.filter(({ member, shape, text }) => !text && !(member && elsewhere(shape)));
  assert.deepEqual(alone.map(({ at }) => at), []);
});

test("every option that is a number says its unit, and its default if it may be left out", () => {
  const options = declared.filter(({ shape, member }) => /(Options|RemoteJwks)$/.test(shape) && member?.type?.kind === ts.SyntaxKind.NumberKeyword);
  assert.ok(options.length > 20, String(options.length));
  const unclear = options.filter(({ member, text }) => !/\b(seconds|bytes|tokens|sessions|attempts)\b/i.test(text) || (member.questionToken && !/default/i.test(text)));
  assert.deepEqual(unclear.map(({ at, text }) => `${at}: ${text}`), []);
});

test("every option that may be left out says what holds then", () => {
  const options = declared.filter(({ shape, member }) => shape.endsWith("Options") && member?.questionToken);
  assert.ok(options.length > 50, String(options.length));
  assert.deepEqual(options.filter(({ text }) => !/default/i.test(text)).map(({ at, text }) => `${at}: ${text}`), []);
});

test("what an argument is made of is named where the argument is described", () => {
  /** @type {{ at: string, told: boolean }[]} */
  const parts = [];
  /** @param {ts.Node} node @param {string} about  what stands above it @param {boolean} within  an argument's type */
  const look = (node, about, within) => {
    const above = `${said(node)}${about}`;
    if (within && ts.isPropertySignature(node)) {
      const name = nameOf(node);
      const members = /** @type {any} */ (node).parent.parent.parent.parent?.members ?? [];
      const told = new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(above) || members.some((/** @type {any} */ member) => nameOf(member) === name && said(member));
      const source = node.getSourceFile();
      parts.push({ at: `${relative(root, source.fileName)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${name}`, told });
    }
    ts.forEachChild(node, (child) => look(child, above, within || ts.isParameter(node)));
  };
  for (const file of files) look(/** @type {ts.SourceFile} */ (program.getSourceFile(file)), "", false);
  assert.ok(parts.length > 20, String(parts.length));
  assert.deepEqual(parts.filter(({ told }) => !told).map(({ at }) => at), []);
});
