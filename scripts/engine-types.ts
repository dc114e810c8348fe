/**
 * @file The engine's declarations, for consumers of the package: once beside the ES module, once beside the CommonJS
 * one. The sources name each other with `.ts`; a declaration must name the file that runs, `.js` or `.cjs`.
 */

import { relative } from "node:path";
import ts from "typescript";
import { inProject, root } from "./project.ts";

const folder = inProject("engine");

/** Writes .d.ts and .d.cts into `outDir`. Types are checked by `npm run check`; here only what cannot be declared fails. */
export function emitEngineTypes(outDir = inProject("engine", "dist")): void {
  const program = ts.createProgram([inProject("engine", "index.ts")], compilerOptions(outDir));
  const problems = [...program.getOptionsDiagnostics(), ...program.getDeclarationDiagnostics()];
  if (problems.length > 0) {
    throw new Error(
      `the engine's types cannot be declared\n${ts.formatDiagnostics(problems, diagnosticsHost)}`,
    );
  }
  emit(program, ".js", ".d.ts");
  emit(program, ".cjs", ".d.cts");
}

function compilerOptions(outDir: string): ts.CompilerOptions {
  const { config, error } = ts.readConfigFile(inProject("tsconfig.json"), ts.sys.readFile);
  if (error) throw new Error(ts.formatDiagnostic(error, diagnosticsHost));
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: folder,
    outDir,
    types: [],
  };
}

function emit(program: ts.Program, specifierExtension: string, fileExtension: string): void {
  const write: ts.WriteFileCallback = (file, text) =>
    ts.sys.writeFile(file.replace(/\.d\.ts$/, fileExtension), text);
  const { diagnostics } = program.emit(undefined, write, undefined, true, {
    afterDeclarations: [nameFilesThatRun(specifierExtension)],
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, diagnosticsHost));
}

/** Replaces `.ts` in every module name a declaration can hold: imports, exports, `import("…")`, `declare module "…"`. */
function nameFilesThatRun(extension: string): ts.TransformerFactory<ts.SourceFile | ts.Bundle> {
  return context => {
    // The name in `import("…")` stands in a literal type; any other literal type is a string of the engine's own.
    const visit = <T extends ts.Node>(parent: T, inImportType = false): T => {
      const namesModules = !ts.isLiteralTypeNode(parent) || inImportType;
      return ts.visitEachChild(
        parent,
        node =>
          namesModules && isSourceName(node) ? rename(node) : visit(node, ts.isImportTypeNode(parent)),
        context,
      );
    };
    const rename = (name: ts.StringLiteral): ts.StringLiteral =>
      context.factory.createStringLiteral(name.text.replace(/\.ts$/, extension));
    return file => visit(file);
  };
}

const isSourceName = (node: ts.Node): node is ts.StringLiteral =>
  ts.isStringLiteral(node) && /^\.{1,2}\/.*\.ts$/.test(node.text);

const diagnosticsHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: name => relative(root, name),
  getCurrentDirectory: () => root,
  getNewLine: () => "\n",
};
