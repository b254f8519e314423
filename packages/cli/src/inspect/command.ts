import { readInput } from "../input.js";
import { type CommandStreams, printable, Terminal } from "../terminal.js";
import type { FieldValue, Finding } from "./finding.js";
import { recognise } from "./recognise.js";

const warning = "nothing here was verified";

/**
 * `countersign inspect`: shows what a file holds.
 * @returns 0 where all of it could be read, else 1
 * @throws UsageError where it is nothing known
 */
export async function inspect(
  path: string,
  { json = false }: { readonly json?: boolean | undefined },
  streams: CommandStreams,
): Promise<0 | 1> {
  const input = await readInput(path, streams.stdin);
  const findings = recognise(input);
  const terminal = new Terminal(streams.stdout);
  for (const finding of findings) printFinding(terminal, finding, "");
  terminal.print(`${terminal.style("yellow", `${warning}:`)} this is what the file says of itself.`);
  if (json) terminal.print(JSON.stringify({ file: input.name, verified: false, found: findings.map(rowOf) }));
  return findings.every(readable) ? 0 : 1;
}

const readable = ({ problem, parts = [] }: Finding): boolean => problem === undefined && parts.every(readable);

function printFinding(terminal: Terminal, { summary, fields, parts = [], problem }: Finding, indent: string): void {
  terminal.print(`${indent}${terminal.style("bold", printable(summary))}`);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    terminal.print(`${indent}  ${terminal.style("dim", printable(words(name)).padEnd(22))} ${textOf(value)}`);
  }
  if (problem !== undefined) {
    const at = problem.place === undefined ? "" : ` at ${problem.place.line}:${problem.place.column}`;
    terminal.print(`${indent}  ${terminal.style("red", problem.code)}${at}: ${printable(problem.reason, 255)}`);
  }
  for (const part of parts) {
    if (Object.keys(part.fields).length > 0 || part.problem !== undefined) printFinding(terminal, part, `${indent}  `);
  }
  if (indent === "") terminal.print();
}

/** Names of our own fields as words; claims and attributes, which others named, stay as they are. */
const words = (name: string): string =>
  /^[a-z]+(?:[A-Z][a-z]+)+$/.test(name) ? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name;

const textOf = (value: FieldValue): string => printable(Array.isArray(value) ? value.join(", ") : String(value), 255);

/** A finding as `--json` prints it: its fields beside its kind. */
function rowOf({ kind, summary, fields, parts, problem }: Finding): Readonly<Record<string, unknown>> {
  return { kind, summary, fields, problem, parts: parts?.map(rowOf) };
}
