import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { modules, repository } from "./blocks.js";

/** Where the modules of the documents seem to stand: beside `settings.ts`. */
const folder = join(repository, "test/readme");

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(repository, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, repository);
  // Composite and declarations concern libraries; a document may leave unused what it explains.
  const program = { composite: false, declaration: false, declarationMap: false, incremental: false };
  return { ...options, ...program, noUnusedLocals: false, noEmit: true };
}

/** What the compiler has to say against texts in the place of files of this folder, as `file:line: message`. */
export function complaints(sources: ReadonlyMap<string, string>): readonly string[] {
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const texts = new Map([...sources].map(([file, source]) => [join(folder, file), source]));
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, target, ...rest)
      : ts.createSourceFile(path, text, target, true);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file && file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

/** The modules of the documents as files that can be imported, in a directory of their own. */
export interface Loader {
  /** Imports the module of that name, with the modules that it imports. Each loader has its own instances. */
  load(file: string): Promise<Readonly<Record<string, unknown>>>;
  remove(): void;
}

/** Writes every module of the documents, compiled, beside a `settings.js` that hands on `settings.ts`. */
export function createLoader(): Loader {
  const parent = join(repository, "test/dist");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "readme-"));
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  for (const { file, source } of modules().values()) {
    const path = join(directory, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, ts.transpileModule(source, { compilerOptions: options }).outputText);
  }
  writeFileSync(join(directory, "settings.js"), `export * from ${JSON.stringify(join(folder, "settings.ts"))};\n`);
  return {
    load: (file) => import(pathToFileURL(join(directory, file.replace(/\.ts$/, ".js"))).href),
    remove: () => rmSync(directory, { recursive: true }),
  };
}
