import { refuse } from "../errors/index.js";
import type { UnverifiedEnvelope } from "./envelope.js";
import { isAddressing, soap11, soap11Next, soap12, soap12Next, soap12UltimateReceiver, wsa, wsa2004 } from "./names.js";

/** Calls `visit` for every child of the SOAP Header, in order. */
export function forEachBlock(envelope: UnverifiedEnvelope, visit: (element: number) => void): void {
  const { document, header } = envelope;
  if (header === -1) return;
  for (let block = document.firstChild(header); block !== -1; block = document.nextSibling(block)) visit(block);
}

/** The actor (SOAP 1.1) or role (SOAP 1.2) that a header block names, undefined where it names none. */
export function actorOf(envelope: UnverifiedEnvelope, block: number): string | undefined {
  const { document, version } = envelope;
  const actor = document.attribute(block, version === "1.1" ? soap11.actor : soap12.actor);
  return actor === "" ? undefined : actor;
}

/**
 * Whether a header block is for a node that acts as `ours` (undefined: the ultimate receiver).
 * SOAP 1.1 section 4.2.2, SOAP 1.2 part 1 section 2.2.
 */
export function isForUs(actor: string | undefined, ours: string | undefined): boolean {
  if (actor === ours) return true;
  if (ours === undefined) return actor === soap12UltimateReceiver;
  return actor === soap11Next || actor === soap12Next;
}

/**
 * Refuses a header block that is for us, mandatory, and not understood (SOAP 1.2 part 1 section 2.4).
 * @param security The Security header, which is understood; -1 where there is none for us.
 * @param understands Names, `{namespace}name`, that count as understood, as WS-Addressing does.
 * @throws ERR_SOAP_MUST_UNDERSTAND
 */
export function checkMustUnderstand(
  envelope: UnverifiedEnvelope,
  ours: string | undefined,
  security: number,
  understands: ReadonlySet<string>,
): void {
  const { document, version } = envelope;
  forEachBlock(envelope, (block) => {
    if (block === security) return;
    const mandatory = document
      .attribute(block, version === "1.1" ? soap11.mustUnderstand : soap12.mustUnderstand)
      ?.trim();
    if (mandatory !== "1" && mandatory !== "true") return;
    const namespace = document.namespace(block);
    if (isAddressing(namespace) || understands.has(`{${namespace}}${document.localName(block)}`)) return;
    const actor = actorOf(envelope, block);
    if (!isForUs(actor, ours) && actor !== soap11Next && actor !== soap12Next) return;
    refuse("ERR_SOAP_MUST_UNDERSTAND", `the mandatory header ${document.qualifiedName(block)} is not understood`, {
      place: () => document.place(block),
      rule: "SOAP 1.2 part 1, 2.4",
      remedy: "Name it in soap.understands if the handler understands it.",
    });
  });
}

/** The header blocks of that kind, in either version of WS-Addressing and for whatever actor, in order. */
export function addressingBlocks(envelope: UnverifiedEnvelope, kind: "Action" | "MessageID"): readonly number[] {
  const { document } = envelope;
  const found: number[] = [];
  forEachBlock(envelope, (block) => {
    const name = document.name(block);
    if (name === wsa[kind] || name === wsa2004[kind]) found.push(block);
  });
  return found;
}
