import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const planted = mkdtempSync(join(tmpdir(), "layers-"));
afterAll(() => rmSync(planted, { recursive: true }));

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

/** Runs dependency-cruiser with the rules of the repository over the source folders of `root`. */
function cruise(root: string): string[] {
  const cruiser = join(repository, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/src`),
  );
  const options = ["--config", join(root, ".dependency-cruiser.cjs"), "--output-type", "json"];
  const run = spawnSync(process.execPath, [cruiser, ...options, "test", ...folders], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: Violation[]; totalCruised: number } };
  expect(summary.totalCruised).toBeGreaterThan(0);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

/** A small tree with the layout of the repository that keeps every rule. */
const clean = {
  "packages/core/src/xml/index.ts": 'export { scan } from "./scan.js";\nexport type Tree = 1;',
  "packages/core/src/xml/scan.ts": "export const scan = 1;",
  "packages/core/src/crypto/index.ts": 'export { sign } from "node:crypto";',
  "packages/core/src/xmlsec/index.ts": 'import { scan } from "../xml/index.js";\nexport type Scan = typeof scan;',
  "packages/core/src/tokens/saml/index.ts": "export type Saml = 1;",
  "packages/core/src/tokens/jwt/index.ts": "export type Jwt = 1;",
  "packages/core/src/guard/index.ts": 'export type { Scan } from "../xmlsec/index.js";',
  "packages/core/src/index.ts": 'export type { Scan } from "./guard/index.js";',
  "packages/core/package.json": '{ "name": "@countersign/core", "version": "0.1.0" }',
  "packages/koa/src/index.ts": "export {};",
  "packages/express/src/index.ts": "export {};",
  "examples/demo/src/main.ts": "export {};",
  "test/scenario/first.ts": "export {};",
};

/** What breaks a rule: a module on top of the clean tree, its text, and the rule that must name it. */
const violations: readonly (readonly [what: string, path: string, text: string, rule: string])[] = [
  ["an upward import", "core/src/xml/up.ts", 'export * from "../guard/index.js";', "layer-2-xml"],
  ["an upward import of a type", "core/src/xml/up-type.ts", 'export type * from "../guard/index.js";', "layer-2-xml"],
  ["an import within a layer", "core/src/xml/side.ts", 'export * from "../crypto/index.js";', "layer-2-xml"],
  ["a token on another", "core/src/tokens/saml/side.ts", 'export * from "../jwt/index.js";', "layer-4-tokens-saml"],
  ["an import past the index", "core/src/guard/past.ts", 'export * from "../xml/scan.js";', "index-xml"],
  ["an entry point from within", "core/src/guard/entry.ts", 'export * from "../index.js";', "entry-points-on-top"],
  ["an unknown folder", "core/src/common/new.ts", 'export * from "../xml/index.js";', "folder-without-layer"],
  ["node:crypto elsewhere", "core/src/guard/crypto.ts", 'export type * from "node:crypto";', "crypto-in-one-place"],
  ["a package's source", "koa/src/source.ts", 'export * from "../../core/src/index.js";', "packages-by-name"],
  ["an adapter on another", "koa/src/sibling.ts", 'export * from "../../express/src/index.js";', "siblings-apart"],
  [
    "core on an adapter",
    "core/src/guard/sibling.ts",
    'export * from "../../../koa/src/index.js";',
    "core-stands-alone",
  ],
  ["an undeclared package", "core/src/guard/framework.ts", 'export * from "fastify";', "unresolvable"],
  ["a cycle of types", "core/src/xml/one.ts", 'export type { Two } from "./two.js";\nexport type One = 1;', "no-cycle"],
];

function plant(): string[] {
  const two = 'import type { One } from "./one.js";\nexport type Two = One;';
  const files = {
    ...clean,
    "packages/core/src/xml/two.ts": two,
    ...Object.fromEntries(violations.map(([, path, text]) => [`packages/${path}`, text])),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), `${text}\n`);
  }
  for (const file of [".dependency-cruiser.cjs", "tsconfig.base.json"])
    cpSync(join(repository, file), join(planted, file));
  return cruise(planted);
}

describe("S9 a folder imports only lower layers", { timeout: 60_000 }, () => {
  const found = plant();

  it("accepts the source of the repository", () => {
    expect(cruise(repository)).toEqual([]);
  });

  it("accepts the modules that keep the rules", () => {
    expect(found.filter((violation) => Object.keys(clean).some((path) => violation.includes(`: ${path} ->`)))).toEqual(
      [],
    );
  });

  it.each(violations)("rejects %s", (_, path, __, rule) => {
    expect(found).toContainEqual(expect.stringMatching(`^${rule}: packages/${path} -> `));
  });
});
