import { type ErrorFamily, errorTable } from "@countersign/core";
import type { XmlDocument } from "@countersign/core/inspect";
import { printable, type Terminal } from "../terminal.js";
import type { Explanation } from "./explanation.js";
import { sourceLine } from "./source-line.js";
import type { Tree, TreeRow } from "./tree.js";

/** Prints the tree, each note on a line of its own under its element, the place of the breakage marked. */
export function printTree(terminal: Terminal, tree: Tree, broken: number): void {
  for (const row of tree.rows) {
    const mark = row.element === broken ? terminal.style("red", "✗ ") : "  ";
    const indent = "  ".repeat(row.depth);
    terminal.print(`${mark}${indent}${row.element === broken ? terminal.style("red", row.label) : row.label}`);
    for (const note of row.notes) terminal.print(`  ${indent}    ${terminal.style(styleOf(row), note)}`);
  }
  if (tree.omitted > 0) terminal.print(`  … ${tree.omitted} more elements; --full shows them`);
  terminal.print();
}

const styleOf = ({ notes }: TreeRow) => (notes.some((note) => note.endsWith(", verified")) ? "green" : "cyan");

/** Element that starts at a place; -1 where none does. */
export function elementAt(document: XmlDocument, tree: Tree, { place }: Pick<Explanation, "place">): number {
  if (place === null) return -1;
  const row = tree.rows.find(({ element }) => {
    const own = document.place(element);
    return own.line === place.line && own.column === place.column;
  });
  return row?.element ?? -1;
}

/** Prints the verdict, and for a refusal all that is known of why. */
export function printVerdict(terminal: Terminal, explanation: Explanation, text: string): void {
  const { verdict } = explanation;
  if (verdict === "admitted") printAdmission(terminal, explanation);
  else if (verdict === "refused") printRefusal(terminal, explanation, text);
  else {
    terminal.print(terminal.style("yellow", "undecided"));
    terminal.print("  Nothing is wrong with the shape of the message.");
  }
  if (!explanation.configured) {
    terminal.print(
      "  No trust was configured, so nothing was verified and nobody could be admitted: give --config FILE.",
    );
  }
}

function printAdmission(terminal: Terminal, explanation: Explanation): void {
  const { anonymous, principal, issuer, proof, alternative, parts } = explanation;
  terminal.print(terminal.style("green", anonymous ? "admitted as anonymous" : "admitted"));
  if (anonymous) return;
  field(terminal, "principal", principal);
  field(terminal, "issuer", issuer);
  field(terminal, "proof", proof);
  field(terminal, "by", `accept[${alternative}]`);
  for (const [part, by] of Object.entries(parts)) {
    field(terminal, "protected", `${part}: ${by === "transport" ? "by the transport" : `signed by ${by}`}`);
  }
}

function printRefusal(terminal: Terminal, explanation: Explanation, text: string): void {
  const { code, fault, reason, rule, remedy, place, file } = explanation;
  terminal.print(`${terminal.style("red", "refused")}  ${code}${fault === null ? "" : ` (${fault})`}`);
  terminal.print(`  ${printable(reason ?? "", 400)}`);
  if (place !== null && file !== null) {
    terminal.print();
    terminal.print(`  ${printable(`${file.name}:${file.line}:${file.column}`)}  ${printable(place.path, 255)}`);
    const line = sourceLine(text, place);
    if (line !== undefined) {
      const gutter = `  ${file.line} | `;
      terminal.print(gutter + line.text);
      terminal.print(`${" ".repeat(gutter.length + line.caret)}${terminal.style("red", "^")}`);
    }
    terminal.print();
  }
  field(terminal, "rule", rule);
  field(terminal, "remedy", remedy);
  field(terminal, "answer", answerOf(explanation));
}

/** Families whose refusals look all the same outside. */
const neutral: ReadonlySet<ErrorFamily> = new Set(["wss", "token", "policy", "session"]);

function answerOf({ code, status }: Explanation): string | null {
  if (code === null || status === null) return null;
  const silent = neutral.has(errorTable[code].family) && code !== "ERR_POLICY_CLAIM";
  return `HTTP ${status}${silent ? "; why is in the audit record alone" : ""}`;
}

function field(terminal: Terminal, name: string, value: string | null): void {
  if (value !== null) terminal.print(`  ${terminal.style("dim", name.padEnd(9))} ${printable(value, 255)}`);
}
