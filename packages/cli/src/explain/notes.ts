import type { SecurityContext } from "@countersign/core";
import type { UnverifiedEnvelope, XmlDocument } from "@countersign/core/inspect";
import { assertionFinding, binaryTokenFinding, shortUri, usernameTokenFinding } from "../inspect/security-tokens.js";
import { keyHint } from "../inspect/signature.js";
import { printable } from "../terminal.js";
import type { Structure } from "./structure.js";
import type { TreeNotes } from "./tree.js";

/**
 * What the tree says: of signatures, what they claim to cover; of tokens, what they claim to be; of parts, who protects them,
 * where a guard has verified that.
 */
export function notesOf(structure: Structure, security: SecurityContext | undefined): TreeNotes {
  const notes = new Map<number, string[]>();
  const folded = new Set<number>();
  const add = (element: number, note: string): void => {
    const known = notes.get(element);
    if (known === undefined) notes.set(element, [note]);
    else known.push(note);
  };
  const { document, envelope, signatures } = structure;
  if (document === undefined) return { notes, folded };
  for (const [index, { syntax, targets }] of signatures.entries()) {
    const covered = targets
      .map(({ element, reference }) => reference.uri ?? (element === -1 ? "a token" : ""))
      .join(", ");
    add(syntax.element, `signature ${index + 1}, ${shortUri(syntax.algorithmUri)}, covers ${printable(covered)}`);
    add(syntax.element, `key: ${printable(keyHint(document, syntax.keyInfo))}`);
    folded.add(syntax.element);
    if (security !== undefined) continue;
    for (const { element } of targets)
      if (element !== -1) add(element, `covered by signature ${index + 1}, not verified`);
  }
  if (envelope !== undefined && signatures.length > 0 && !notes.has(envelope.body) && security === undefined) {
    add(envelope.body, "covered by no signature");
  }
  addTokens(structure, document, add, folded);
  if (envelope !== undefined && security !== undefined) addProtection(structure, envelope, security, add);
  return { notes, folded };
}

function addTokens(
  { security }: Structure,
  document: XmlDocument,
  add: (element: number, note: string) => void,
  folded: Set<number>,
): void {
  for (const element of security?.binaryTokens ?? []) {
    add(element, printable(binaryTokenFinding(document, element).summary));
    folded.add(element);
  }
  for (const element of security?.usernameTokens ?? []) {
    const { summary, fields } = usernameTokenFinding(document, element);
    add(element, printable(summary));
    if (fields.password !== undefined) add(element, `password: ${String(fields.password)}`);
    folded.add(element);
  }
  for (const element of security?.assertions ?? []) {
    const { summary, fields, problem } = assertionFinding(document, element);
    folded.add(element);
    add(element, printable(summary));
    if (problem !== undefined) continue;
    add(element, `for ${printable(list(fields.audience) || "any audience")}`);
    add(element, `valid ${String(fields.notBefore ?? "from ever")} to ${String(fields.notOnOrAfter ?? "for ever")}`);
    add(element, `confirmation: ${printable(list(fields.confirmation) || "none")}`);
  }
}

const list = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : "");

/** What the guard verified, on the elements that it verified. */
function addProtection(
  { security: header }: Structure,
  { document, header: soapHeader, body }: UnverifiedEnvelope,
  { evidence }: SecurityContext,
  add: (element: number, note: string) => void,
): void {
  const say = (element: number, part: string): void => {
    const protection = evidence.parts.get(part);
    if (protection === undefined) return;
    add(
      element,
      protection.by === "transport"
        ? "protected by the transport"
        : `signed by ${printable(protection.signer)}, verified`,
    );
  };
  say(body, "body");
  if (header !== undefined && header.timestamp !== -1) say(header.timestamp, "timestamp");
  if (soapHeader === -1) return;
  for (let block = document.firstChild(soapHeader); block !== -1; block = document.nextSibling(block)) {
    say(block, `{${document.namespace(block)}}${document.localName(block)}`);
  }
}
