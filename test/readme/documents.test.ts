import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createGuard, errorTable, type GuardOptions, jwt } from "@countersign/core";
import { xml } from "@countersign/core/testing";
import { describe, expect, it } from "vitest";
import { catalogue } from "../attack/catalogue.js";
import { applyDiff, type Block, blocksOf, documents, modules, repository, textOf } from "./blocks.js";
import { complaints } from "./compile.js";
import { createOptionReader } from "./options.js";
import { idpKey } from "./settings.js";

/** Every document of the repository that a reader meets, those without modules too. */
const all = [
  ...documents,
  ...readdirSync(repository).filter((name) => name.endsWith(".md") && name !== "README.md"),
  ...readdirSync(join(repository, "docs")).map((name) => `docs/${name}`),
];
const blocks = documents.flatMap(blocksOf);

/** The rows of every table with that heading in its first column: the cells as written. */
function rowsOf(document: string, heading: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let inside = false;
  for (const line of textOf(document).split("\n")) {
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells[0] === heading) inside = true;
    else if (cells.length === 0) inside = false;
    else if (inside && !/^-+$/.test(cells[0] ?? "")) rows.push(cells);
  }
  return rows;
}

/** What stands in code quotes. */
const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

interface Manifest {
  readonly name: string;
  readonly engines: { readonly node: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (...path: readonly string[]) =>
  JSON.parse(readFileSync(join(repository, ...path, "package.json"), "utf8")) as Manifest;

describe("modules", () => {
  it("accepts every module of the documents as the compiler does, and rejects one with a misspelt option", () => {
    const found = modules();
    const sources = new Map([...found.values()].map(({ file, source }) => [file, source]));
    const misspelt = sources.get("express.ts")?.replace("audience:", "audiense:") ?? "";
    const said = complaints(new Map([...sources, ["misspelt.ts", misspelt]]));
    expect(said.filter((line) => !line.includes("misspelt.ts"))).toEqual([]);
    expect(said).toContainEqual(expect.stringContaining("'audiense' does not exist in type 'Saml2Options'"));
  }, 120_000);

  it("accepts a quick start of twenty lines at most", () => {
    expect(modules().get("express.ts")?.source.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });

  it("accepts a diff that fits, and rejects one that does not", () => {
    expect(applyDiff("a\nb\nc\n", "-b\n+B\n")).toBe("a\nB\nc\n");
    expect(applyDiff("a\nb\nc\n", " b\n+B\n")).toBe("a\nb\nB\nc\n");
    expect(() => applyDiff("a\nb\nc\n", "-d\n")).toThrow("does not fit");
    expect(() => applyDiff("a\nb\nc\n", "-b\n-a\n")).toThrow("does not fit");
  });

  it("rejects a block in a language that no test looks at", () => {
    const known = ["ts", "diff", "http", "json", "sh", "console", ""];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
    const unused = (block: Block) =>
      (block.language === "http" && !block.attributes.for?.split(",").every((file) => modules().has(file))) ||
      (block.language === "json" &&
        block.attributes.config === undefined &&
        !modules().has(block.attributes.record ?? ""));
    expect(blocks.filter(unused)).toEqual([]);
  });
});

describe("commands", () => {
  const { scripts = {} } = manifestOf();
  const isCommand = (line: string) => {
    const [, name = "", ...rest] = /^(?:npx -y )?pnpm(?:@12)? (\S+)(.*)$/.exec(line) ?? [];
    return Object.hasOwn(scripts, name) || (name === "exec" && /^ (vitest run|countersign) /.test(rest[0] ?? ""));
  };

  it("accepts only shell lines that a fresh clone knows", () => {
    const lines = blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.trim().split("\n"))
      .map((line) => line.replace(/\s+#.*$/, ""));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !isCommand(line))).toEqual([]);
    expect(isCommand("npx -y pnpm@12 dmeo")).toBe(false);
  });

  it.each(all)("accepts the commands in the text of %s", (document) => {
    const commands = quoted(textOf(document)).filter((code) => /^(npx -y )?pnpm/.test(code));
    expect(commands.filter((command) => !isCommand(command))).toEqual([]);
  });
});

describe("links", () => {
  const anchorsOf = (document: string) =>
    [...textOf(document).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replace(/ /g, "-"),
    );

  it.each(all)("accepts those of %s: each leads to a file of the repository, and to a heading of it", (document) => {
    for (const [, target = ""] of textOf(document).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? document : join(dirname(document), path);
      expect(existsSync(resolve(repository, file)), `${document}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(file), `${document}: ${target}`).toContain(anchor);
    }
  });
});

describe("options", () => {
  const readerOf = createOptionReader();

  it.each(documents)("accepts the options that %s names", (document) => {
    const read = readerOf(document);
    const paths = quoted(textOf(document)).filter((code) => /^[a-z]\w*(\.[a-z]\w*)+$/.test(code));
    expect(paths.filter((path) => read(path) === "unknown")).toEqual([]);
    const named = rowsOf(document, "Option").flatMap(([cell = ""]) => quoted(cell));
    expect(named.filter((path) => !path.startsWith("[") && read(path) !== "option")).toEqual([]);
  });

  it("rejects an option that does not exist", () => {
    const read = readerOf("README.md");
    expect(["soap.actor", "soap.akter", "sope"].map(read)).toEqual(["option", "unknown", "none"]);
  });
});

describe("limits", () => {
  const number = (text = "") => Number(text.replaceAll(",", ""));
  const limits = rowsOf("packages/core/README.md", "Option").filter(([cell = ""]) => cell.startsWith("`limits."));
  const rows = limits.map(([cell = "", byDefault, highest]) => ({
    name: quoted(cell)[0]?.replace("limits.", "") ?? "",
    byDefault: number(byDefault),
    highest: number(highest),
  }));
  const guardWith = (limits: GuardOptions["limits"]) =>
    createGuard({
      origin: "https://orders.example",
      accept: [jwt({ issuer: "https://idp.example", audience: "urn:a", keys: idpKey, over: "transport" })],
      limits,
    });

  it("accepts the defaults of the page", () => {
    expect(rows.map(({ name, byDefault }) => [name, byDefault])).toEqual(
      expect.arrayContaining(Object.entries(xml.defaultXmlLimits)),
    );
  });

  it.each(rows)("accepts $name up to $highest, and rejects more with ERR_CONFIG_INVALID", ({ name, highest }) => {
    expect(() => guardWith({ [name]: highest })).not.toThrow();
    const more = expect.objectContaining({ code: "ERR_CONFIG_INVALID", option: `limits.${name}` });
    expect(() => guardWith({ [name]: highest + 1 })).toThrow(more);
    expect(() => guardWith({ [name]: 0 })).toThrow(more);
  });
});

describe("error codes", () => {
  const rows = rowsOf("packages/core/README.md", "Code");

  it("accepts the page of core as the table of errors", () => {
    expect(rows.map(([code = "", status, verdict, sentence]) => [quoted(code)[0], status, verdict, sentence])).toEqual(
      Object.entries(errorTable).map(([code, row]: [string, (typeof errorTable)[keyof typeof errorTable]]) => {
        const { family, status, verdict, trust, sentence } = row as typeof row & { verdict?: string; trust?: string };
        const second = verdict ?? (trust === undefined ? "" : `\`wst:${trust}\``);
        return [code, family === "configuration" ? "" : String(status), second, sentence];
      }),
    );
  });

  it("rejects as reserved exactly the codes that nothing throws", () => {
    const sources = readdirSync(join(repository, "packages"), { recursive: true, encoding: "utf8" })
      .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !/\.test\.ts$|errors\/table\.ts$/.test(path))
      .map((path) => readFileSync(join(repository, "packages", path), "utf8"));
    const reserved = rows.filter(([code = ""]) => code.endsWith("(reserved)")).map(([code = ""]) => quoted(code)[0]);
    const unthrown = Object.keys(errorTable).filter((code) => !sources.some((text) => text.includes(`"${code}"`)));
    expect(reserved).toEqual(unthrown);
  });

  it.each(all)("accepts only codes of the table in %s", (document) => {
    const codes = [...textOf(document).matchAll(/\bERR_[A-Z_]*[A-Z]\b/g)].map(([code]) => code);
    expect(codes.filter((code) => !(code in errorTable) && !/^ERR_[A-Z]+$/.test(code))).toEqual([]);
  });
});

describe("the threat model", () => {
  const promises = textOf("THREAT-MODEL.md")
    .split(/^### /m)
    .slice(1)
    .map((section) => ({
      title: section.split("\n", 1)[0] ?? "",
      rows: [...(/^- Rows: (.*)$/m.exec(section)?.[1]?.matchAll(/\b[A-N]\d+\b/g) ?? [])].map(([id]) => id),
      tests: [...section.matchAll(/\]\(([^)]+\.ts)\)/g)].map(([, path = ""]) => path),
    }));

  it.each(promises)("accepts $title: each row is named by a test that it links to", ({ rows, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    const sources = tests.map((path) => readFileSync(join(repository, path), "utf8"));
    const isNamed = (id: string) => sources.some((text) => new RegExp(`\\b${id}\\b`).test(text));
    expect(rows.filter((id) => !isNamed(id))).toEqual([]);
    expect(rows.filter((id) => !(id in catalogue))).toEqual([]);
    // Put together, so that this file does not name it.
    expect(isNamed(["Z", 1].join(""))).toBe(false);
  });

  it("accepts promises numbered in order", () => {
    expect(promises.map(({ title }) => title.split(" ")[0])).toEqual(promises.map((_, index) => `P${index + 1}`));
  });
});

describe("the layers of core", () => {
  const listed = (document: string) =>
    rowsOf(document, "Layer").map(([layer, folders = ""]) => [layer, quoted(folders)]);

  it("accepts one list in the README, in CONTRIBUTING and in the rules", () => {
    const rules = readFileSync(join(repository, ".dependency-cruiser.cjs"), "utf8");
    const known = new Set(readdirSync(join(repository, "packages/core/src")));
    const ruled = new Map<string, Set<string>>();
    for (const [, folder = "", layer = ""] of rules.matchAll(/^ {2}"?([a-z]+(?:\/[a-z0-9]+)?)"?: (\d),$/gm)) {
      if (!known.has(folder.split("/")[0] ?? "")) continue;
      // The kinds of tokens that stand side by side are listed as one.
      const name = layer === "4" ? folder.replace(/\/.*/, "/*") : folder;
      ruled.set(layer, (ruled.get(layer) ?? new Set()).add(name));
    }
    const sorted = (rows: readonly (readonly unknown[])[]) =>
      rows.map(([layer, names]) => [layer, [...(names as string[])].sort()]);
    expect(sorted(listed("README.md"))).toEqual(sorted([...ruled].map(([layer, names]) => [layer, [...names]])));
    expect(listed("CONTRIBUTING.md").map(([layer]) => layer)).toEqual(listed("README.md").map(([layer]) => layer));
  });
});

describe("packages", () => {
  const rows = rowsOf("README.md", "Package");
  const folders = readdirSync(join(repository, "packages"));

  it("accepts the list of packages and what each depends on", () => {
    const listed = rows.map(([name = "", , needs = ""]) => ({
      name: quoted(name)[0],
      needs: [...quoted(needs), ...(needs.startsWith("core") ? ["@countersign/core"] : [])].sort(),
    }));
    const real = folders.map((folder) => {
      const { name, dependencies = {}, peerDependencies = {} } = manifestOf("packages", folder);
      return { name, needs: [...Object.keys(dependencies), ...Object.keys(peerDependencies)].sort() };
    });
    expect([...listed].sort((a, b) => (a.name ?? "").localeCompare(b.name ?? ""))).toEqual(
      real.sort((a, b) => a.name.localeCompare(b.name)),
    );
  });

  it("accepts the versions that the manifests and the workflow name", () => {
    const versions = new Map(rowsOf("README.md", "Runtime").map(([name = "", versions = ""]) => [name, versions]));
    const least = (range = "") => range.replace(/^(>=|\^)/, "").replace(/(\.0)+$/, "");
    expect(versions.get("Node")).toContain(least(manifestOf().engines.node));
    for (const framework of ["express", "koa", "fastify"]) {
      const { peerDependencies = {} } = manifestOf("packages", framework);
      const name = framework.replace(/^./, (first) => first.toUpperCase());
      expect(versions.get(name)?.split(" ")[0]).toBe(least(peerDependencies[framework]));
    }
    const workflow = readFileSync(join(repository, ".github/workflows/ci.yml"), "utf8");
    const [, matrix = ""] = /node: \[([\d, ]+)\]/.exec(workflow) ?? [];
    expect(versions.get("Node")).toContain(matrix.replace(/, (\d+)$/, " and $1"));
  });
});
