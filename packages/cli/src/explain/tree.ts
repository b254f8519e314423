import type { XmlDocument } from "@countersign/core/inspect";
import { hideSecrets, showHidden } from "../secrets.js";
import { printable } from "../terminal.js";

/** One element as a row of the tree. */
export interface TreeRow {
  readonly element: number;
  readonly depth: number;
  /** Name, identifier and shortened value. */
  readonly label: string;
  /** What is to be said of it. */
  readonly notes: readonly string[];
}

/** What the tree says of an element besides its name and text. */
export interface TreeNotes {
  readonly notes: ReadonlyMap<number, readonly string[]>;
  /** Elements whose content the notes tell already. */
  readonly folded: ReadonlySet<number>;
}

/** A tree, cut where it gets too long. */
export interface Tree {
  readonly rows: readonly TreeRow[];
  /** Elements that were left out, folded ones not counted. */
  readonly omitted: number;
}

/** The elements of a message in order, as rows. Text is shortened, passwords are not shown. */
export function treeOf(document: XmlDocument, { notes, folded }: TreeNotes, maxRows: number): Tree {
  const rows: TreeRow[] = [];
  const depths: number[] = [];
  let omitted = 0;
  for (let element = 0; element < document.elementCount; ) {
    const parent = document.parent(element);
    const depth = parent === -1 ? 0 : (depths[parent] ?? 0) + 1;
    depths[element] = depth;
    const closed = folded.has(element);
    if (rows.length < maxRows) {
      const label = nameOf(document, element) + (closed ? "" : contentOf(document, element));
      rows.push({ element, depth, label, notes: notes.get(element) ?? [] });
    } else omitted++;
    element = closed ? document.after(element) : element + 1;
  }
  return { rows, omitted };
}

/** Attributes that identify an element. */
const identifiers: ReadonlySet<string> = new Set(["Id", "ID", "id", "AssertionID"]);

function nameOf(document: XmlDocument, element: number): string {
  const id = document.attributes(element).find(({ localName }) => identifiers.has(localName))?.value;
  const name = printable(document.qualifiedName(element), 80);
  return name + (id === undefined ? "" : ` #${printable(id, 48)}`);
}

/** Content that may be shown is decided on the markup, as for the lines of the message. */
function contentOf(document: XmlDocument, element: number): string {
  if (document.after(element) !== element + 1) return "";
  const start = document.start(element);
  const size = document.end(element) - start;
  const markup = document.bytes.toString("utf8", start, Math.min(document.end(element), start + 2_048));
  if (hideSecrets(markup) !== markup) return ` ${showHidden("\ue000")}`;
  const text = (size > 2_048 ? undefined : document.text(element)?.trim()) ?? (size > 2_048 ? `(${size} octets)` : "");
  return text === "" ? "" : ` "${printable(text, 60)}"`;
}
