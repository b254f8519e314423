import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the repository. */
export const repository = resolve(import.meta.dirname, "../..");

/** A fenced block of a document. Its first line may say more than the language: ```` ```ts file=express.ts ````. */
export interface Block {
  /** Path of the document, from the root of the repository. */
  readonly document: string;
  /** Line of its first line of text, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The documents whose blocks are executed. */
export const documents: readonly string[] = [
  "README.md",
  ...readdirSync(join(repository, "packages")).map((name) => `packages/${name}/README.md`),
];

/** The text of a document. */
export const textOf = (document: string): string => readFileSync(join(repository, document), "utf8");

/** All fenced blocks of a document, in order. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of textOf(document).split("\n").entries()) {
    if (!line.startsWith("```")) open?.lines.push(line);
    else if (open === undefined) open = { line: index + 2, info: line.slice(3), lines: [] };
    else {
      const [language = "", ...pairs] = open.info.trim().split(/\s+/);
      const attributes = Object.fromEntries(pairs.map((pair) => pair.split("=", 2)));
      blocks.push({ document, line: open.line, language, attributes, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: the block is not closed`);
  return blocks;
}

/**
 * Applies a diff to a text. The diff has no line numbers: lines that it neither removes nor repeats stay as they are.
 * @throws Error where a line that it removes or repeats does not follow
 */
export function applyDiff(from: string, diff: string): string {
  const lines = from.trimEnd().split("\n");
  const result: string[] = [];
  let at = 0;
  for (const change of diff.trimEnd().split("\n")) {
    const sign = change[0] ?? " ";
    const line = change.slice(1);
    if (sign === "+") {
      result.push(line);
      continue;
    }
    const found = lines.indexOf(line, at);
    if ((sign !== "-" && sign !== " ") || found === -1) throw new Error(`the diff does not fit: ${change}`);
    result.push(...lines.slice(at, sign === "-" ? found : found + 1));
    at = found + 1;
  }
  return `${[...result, ...lines.slice(at)].join("\n")}\n`;
}

/** A module that a document shows, as a block or as a diff of another. */
export interface Module {
  /** Where it stands: `README.md:35`. */
  readonly place: string;
  /** Unique among all documents: `express.ts`. */
  readonly file: string;
  readonly source: string;
}

/** Every module that the documents show. */
export function modules(): ReadonlyMap<string, Module> {
  const found = new Map<string, Module>();
  const add = (block: Block, source: string) => {
    const { file } = block.attributes;
    const place = `${block.document}:${block.line}`;
    if (file === undefined || found.has(file)) throw new Error(`${place}: the block needs a file name of its own`);
    found.set(file, { place, file, source });
  };
  const blocks = documents.flatMap(blocksOf);
  for (const block of blocks) if (block.language === "ts") add(block, block.text);
  for (const block of blocks) {
    if (block.language !== "diff") continue;
    const from = found.get(block.attributes.from ?? "");
    if (from === undefined) throw new Error(`${block.document}:${block.line}: the diff needs from=FILE`);
    add(block, applyDiff(from.source, block.text));
  }
  return found;
}
