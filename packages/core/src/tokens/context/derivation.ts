import { type Derivation, decodeBase64, derivedKeyLimits } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import type { XmlDocument } from "../../xml/index.js";
import {
  attributeNames,
  base64Content,
  parseTokenReference,
  plainText,
  type TokenReferenceSyntax,
  wsseNames,
} from "../../xmlsec/index.js";
import { type ConversationWords, conversationVersions, defaultLabel, derivedKeyWords } from "./names.js";

/** Octets of a nonce. */
const nonceOctets = { least: 8, most: 128 } as const;
/** Octets of a key where a message names no length (WS-SecureConversation 1.4 section 7). */
const defaultLength = 32;
/** Octets of the shortest key that is used: shorter ones could be guessed. */
const leastLength = 16;
/** Characters of a label. */
const maxLabel = 256;

const rule = "WS-SecureConversation 1.4, 7";

/** A wsc:DerivedKeyToken as read: what to derive from, and how. */
export interface DerivedKeyTokenSyntax {
  readonly element: number;
  readonly words: ConversationWords;
  /** The token to derive from. */
  readonly reference: TokenReferenceSyntax;
  readonly derivation: Derivation;
}

/**
 * Reads a wsc:DerivedKeyToken (WS-SecureConversation 1.4 section 7.1) before anything is derived: P_SHA1 only, Offset or
 * Generation, never both, and all within {@link derivedKeyLimits}.
 * @throws ERR_WSS_INVALID_SECURITY for another structure, and for what is beyond the limits
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for another way of derivation
 * @throws ERR_WSS_TOKEN_UNAVAILABLE where token or nonce are not named: nothing is agreed on beforehand
 */
export function parseDerivedKeyToken(document: XmlDocument, element: number): DerivedKeyTokenSyntax {
  const words = derivedKeyWords(document.name(element));
  if (words === undefined) refuseDerivation(document, element, "this is no DerivedKeyToken");
  requireAlgorithm(document, element, words);
  const { names } = words;
  const found = new Map<number, number>();
  const known: ReadonlySet<number> = new Set([
    wsseNames.securityTokenReference,
    names.Generation,
    names.Offset,
    names.Length,
    names.Label,
    names.Nonce,
  ]);
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (!known.has(name)) refuseDerivation(document, child, `${document.qualifiedName(child)} is not understood here`);
    if (found.has(name)) refuseDerivation(document, child, `${document.qualifiedName(child)} stands twice`);
    found.set(name, child);
  }
  const number = (name: number, most: number): number | undefined => {
    const child = found.get(name);
    return child === undefined ? undefined : wholeNumber(document, child, plainText(document, child), most);
  };
  const generation = number(names.Generation, derivedKeyLimits.maxOffset);
  const offset = number(names.Offset, derivedKeyLimits.maxOffset);
  if (generation !== undefined && offset !== undefined) {
    refuseDerivation(document, element, "the DerivedKeyToken has both a Generation and an Offset");
  }
  const length = number(names.Length, derivedKeyLimits.maxLength) ?? defaultLength;
  const reference = found.get(wsseNames.securityTokenReference);
  const nonce = found.get(names.Nonce);
  if (reference === undefined || nonce === undefined) {
    refuse("ERR_WSS_TOKEN_UNAVAILABLE", "the DerivedKeyToken does not name its token and its Nonce", {
      place: () => document.place(element),
      rule,
      remedy: "Send a wsse:SecurityTokenReference and a wsc:Nonce.",
    });
  }
  const seed = seedOf(
    readLabel(document, found.get(names.Label)),
    base64Content(document, nonce, nonceOctets.least, nonceOctets.most),
  );
  const derivation = { seed, offset: offset ?? (generation ?? 0) * length, length };
  requireBounds(document, element, derivation);
  return { element, words, reference: parseTokenReference(document, reference), derivation };
}

/**
 * Reads the derivation that a wsse:SecurityTokenReference implies by wsc:Nonce and wsc:Length (section 7.3); undefined
 * where it implies none: then the key is that of the token itself.
 * @throws ERR_WSS_INVALID_SECURITY for a Length without Nonce, attributes of two versions, and what is beyond the limits
 */
export function impliedDerivation(document: XmlDocument, element: number): Derivation | undefined {
  let implied: Derivation | undefined;
  for (const { names } of conversationVersions) {
    const nonce = document.attribute(element, names.Nonce);
    const length = document.attribute(element, names.Length);
    if (nonce === undefined && length === undefined) continue;
    const octets = nonce === undefined ? undefined : decodeBase64(nonce, { maxOctets: nonceOctets.most });
    if (implied !== undefined || octets === undefined || octets.length < nonceOctets.least) {
      refuseDerivation(document, element, "the reference to a token implies no key in a way that is understood");
    }
    const most = derivedKeyLimits.maxLength;
    implied = {
      seed: seedOf(defaultLabel, octets),
      offset: 0,
      length: length === undefined ? defaultLength : wholeNumber(document, element, length, most),
    };
    requireBounds(document, element, implied);
  }
  return implied;
}

/** The seed of a derivation: the label's octets, then the nonce's. */
export const seedOf = (label: string, nonce: Uint8Array): Buffer => Buffer.concat([Buffer.from(label), nonce]);

function readLabel(document: XmlDocument, element: number | undefined): string {
  if (element === undefined) return defaultLabel;
  const label = plainText(document, element);
  if (label.length > maxLabel) refuseDerivation(document, element, `a Label has more than ${maxLabel} characters`);
  return label;
}

function requireAlgorithm(document: XmlDocument, element: number, { pSha1 }: ConversationWords): void {
  const algorithm = document.attribute(element, attributeNames.algorithm);
  if (algorithm === undefined || algorithm === pSha1) return;
  refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `a key is derived by ${algorithm.slice(0, 128)}`, {
    place: () => document.place(element),
    rule,
    remedy: `Derive by ${pSha1}.`,
  });
}

function requireBounds(document: XmlDocument, element: number, { offset, length }: Derivation): void {
  if (length < leastLength) refuseDerivation(document, element, `a derived key has fewer than ${leastLength} octets`);
  if (offset > derivedKeyLimits.maxOffset) refuseDerivation(document, element, "a derived key begins too far on");
}

/** An xs:unsignedLong of at most `most`; longer text is not even turned into a number. */
function wholeNumber(document: XmlDocument, element: number, text: string, most: number): number {
  const digits = text.trim();
  const value = /^[0-9]{1,6}$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY;
  if (value > most)
    refuseDerivation(document, element, `${document.qualifiedName(element)} is no number up to ${most}`);
  return value;
}

function refuseDerivation(document: XmlDocument, element: number, reason: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", reason, {
    place: () => document.place(element),
    rule,
    remedy: "Derive a key of 16 to 64 octets, at most 1,024 octets into the stream.",
  });
}
