import { join } from "node:path";
import ts from "typescript";
import { repository } from "./blocks.js";

/** Where the options of each document are declared. */
const declared: Readonly<Record<string, readonly [folder: string, name: string]>> = {
  "README.md": ["core", "GuardOptions"],
  "packages/core/README.md": ["core", "GuardOptions"],
  "packages/express/README.md": ["express", "CountersignOptions"],
  "packages/koa/README.md": ["koa", "CountersignOptions"],
  "packages/fastify/README.md": ["fastify", "CountersignOptions"],
  "packages/broker/README.md": ["broker", "BrokerOptions"],
  "packages/ldap/README.md": ["ldap", "LdapOptions"],
  "packages/redis/README.md": ["redis", "RedisOptions"],
  "packages/client/README.md": ["client", "ClientOptions"],
  "packages/cli/README.md": ["core", "GuardOptions"],
};

/** Tells of a path such as `proxy.headers.scheme` whether it begins like an option, and whether it is one. */
export type OptionReader = (path: string) => "none" | "option" | "unknown";

/** Reads the options that the document is about from the declarations of its package. */
export function createOptionReader(): (document: string) => OptionReader {
  const entry = (folder: string) => join(repository, "packages", folder, "dist/index.d.ts");
  const folders = [...new Set(Object.values(declared).map(([folder]) => folder))];
  const program = ts.createProgram(folders.map(entry), { module: ts.ModuleKind.NodeNext, skipLibCheck: true });
  const checker = program.getTypeChecker();

  const find = (type: ts.Type, name: string): ts.Type | undefined => {
    const parts = type.isUnionOrIntersection() ? type.types : [checker.getNonNullableType(type)];
    for (const part of parts) {
      const property = part.getProperty(name) ?? (part === type ? undefined : nested(part, name));
      if (property !== undefined) return checker.getNonNullableType(checker.getTypeOfSymbol(property));
    }
    return undefined;
  };
  const nested = (type: ts.Type, name: string): ts.Symbol | undefined =>
    type.isUnionOrIntersection() ? type.types.map((part) => part.getProperty(name)).find(Boolean) : undefined;

  return (document) => {
    const [folder, name] = declared[document] ?? [];
    const file = folder === undefined ? undefined : program.getSourceFile(entry(folder));
    const module = file && checker.getSymbolAtLocation(file);
    const symbol = module && checker.getExportsOfModule(module).find((exported) => exported.name === name);
    if (symbol === undefined) throw new Error(`${document} has no options that this test knows of`);
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const options = checker.getDeclaredTypeOfSymbol(target);
    return (path) => {
      const [first = "", ...rest] = path.replace(/\[.*$/, "").split(".");
      let type = find(options, first);
      if (type === undefined) return "none";
      for (const step of rest) {
        type = type && find(type, step);
      }
      return type === undefined ? "unknown" : "option";
    };
  };
}
