import type { Place } from "@countersign/core";
import { hideSecrets, showHidden } from "../secrets.js";
import { printable } from "../terminal.js";

/** A line of the message, cut around a column, with secrets covered. */
export interface SourceLine {
  readonly text: string;
  /** Characters of `text` before the place. */
  readonly caret: number;
}

const before = 40;
const behind = 70;

/** The line that a place is on. Undefined where the text has no such line. */
export function sourceLine(text: string, { line, column }: Pick<Place, "line" | "column">): SourceLine | undefined {
  const found = lineOf(hideSecrets(text), line);
  if (found === undefined) return undefined;
  // Columns count characters, not UTF-16 units.
  const characters = [...found];
  const at = Math.min(column - 1, characters.length);
  const from = Math.max(0, at - before);
  const to = Math.min(characters.length, at + behind);
  const left = (from > 0 ? "…" : "") + shown(characters.slice(from, at));
  const right = shown(characters.slice(at, to)) + (to < characters.length ? "…" : "");
  return { text: left + right, caret: [...left].length };
}

const shown = (characters: readonly string[]): string =>
  showHidden(printable(characters.join("").replaceAll("\t", " ")));

/** Line `number` of a text, from 1, as places count: LF, CR and CR LF end one. */
function lineOf(text: string, number: number): string | undefined {
  const ends = /\r\n|\n|\r/g;
  let start = 0;
  for (let line = 1; line < number; line++) {
    if (ends.exec(text) === null) return undefined;
    start = ends.lastIndex;
  }
  return text.slice(start, ends.exec(text)?.index ?? text.length);
}
