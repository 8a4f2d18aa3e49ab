// The public surface as text, so that whatever changes it shows in a diff of surface.txt:
//
//     node tests/types/surface.mjs --update
//
// First the names that each entry of package.json exports, then every declaration behind them, without its comments.

import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const kept = fileURLToPath(new URL("surface.txt", import.meta.url));

const flat = (/** @type {string} */ text) => text.replace(/\r\n/g, "\n").trim();
/** @param {[string, string]} one @param {[string, string]} other */
const byName = ([one], [other]) => (one < other ? -1 : Number(one > other));

/** The surface that the declarations have now. */
export const surface = () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const conditions = Object.entries(exports).map(([entry, target]) => [entry, typeof target === "string" ? target : Object.entries(target)]);
  const typed = Object.entries(exports).filter(([, target]) => target.types).map(([entry, target]) => [entry, join(root, target.types)]);
  const program = ts.createProgram(typed.map(([, file]) => file), { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });

  const resolved = conditions.map(([entry, target]) => `${entry}: ${typeof target === "string" ? target : target.map((pair) => pair.join(" ")).join(", ")}`);
  const names = typed.map(([entry, file]) => {
    const module = checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (program.getSourceFile(file)));
    if (!module) throw new Error(`${file} exports nothing`);
    return `${entry}\n${checker.getExportsOfModule(module).map(({ name }) => `  ${name}`).sort().join("\n")}`;
  });
  // What is not exported itself is part of what is.
  const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(root, "src/js/types/")));
  const declarations = ours.map((source) => {
    const file = relative(root, source.fileName);
    const statements = source.statements.filter((statement) => !ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement));
    const texts = statements.map((statement) => /** @type {[string, string]} */ ([
      "name" in statement ? /** @type {ts.Identifier} */ (statement.name).text : "",
      flat(printer.printNode(ts.EmitHint.Unspecified, statement, source)),
    ]));
    return /** @type {[string, string]} */ ([file, [`// ${file}`, ...texts.sort(byName).map(([, text]) => text)].join("\n")]);
  });
  return `${[resolved.join("\n"), ...names, ...declarations.sort(byName).map(([, text]) => text)].join("\n\n")}\n`;
};

/** The surface as it was last looked at. */
export const known = () => readFileSync(kept, "utf8");

if (process.argv.includes("--update")) writeFileSync(kept, surface());
