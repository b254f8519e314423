import { type KeyObject, randomId, signatureUriFor } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import {
  contentTypeOf,
  forEachBlock,
  isAddressing,
  parseEnvelope,
  type SoapVersion,
  soap11Namespace,
  soap12Namespace,
  type UnverifiedEnvelope,
} from "../soap/index.js";
import { type Clock, formatDateTime, systemClock } from "../time/index.js";
import { type CanonicalForm, element, exclusive, namespacesInScope, scan, type XmlDocument } from "../xml/index.js";
import {
  type BuiltSignature,
  buildSignature,
  type ReferenceToSign,
  writeEncryptedDataReferences,
} from "../xmlsec/index.js";
import { type EncryptedParts, MessageEncryption, type OutboundEncryption } from "./encrypt-message.js";
import type { ProtectionOrder } from "./encrypted-parts.js";
import { type KeyReference, writeKeyReference } from "./key-reference.js";
import type { MessagePart, ReplyPart } from "./message-part.js";
import { wsse11Namespace, wsseNamespace, wsuNamespace } from "./names.js";
import { partElements } from "./part-elements.js";
import { SecurityDraft } from "./security-draft.js";
import { findSecurityHeader } from "./security-header.js";
import { type Insertion, identifierOf, insert } from "./splice.js";

/** A signature to be put into a Security header. */
export interface OutboundSignature {
  readonly key: KeyObject;
  /** URI. Default by the key's type: RSA-SHA256, ECDSA with the curve's hash, Ed25519, HMAC-SHA256. */
  readonly algorithm?: string | undefined;
  /** URI of the References' digest. Default SHA-256. */
  readonly digest?: string | undefined;
  /** How the receiver finds the key. */
  readonly reference: KeyReference;
  readonly parts: readonly ReplyPart[];
  /** Elements of the header to be covered too, by their Id: an assertion that the signer vouches for, a signature in front that it endorses. */
  readonly ids?: readonly string[] | undefined;
  /** The signature's own Id. */
  readonly id?: string | undefined;
}

/** What a Security header is made of, in the order in which it is written. */
export interface SecureMessageOptions {
  /** The actor (SOAP 1.1) or role (1.2) that the header is for. Default: the ultimate receiver. */
  readonly actor?: string | undefined;
  /** Default true. */
  readonly mustUnderstand?: boolean | undefined;
  /** Whole header blocks (XML that is canonical by construction) put into the SOAP Header first, such as WS-Addressing. */
  readonly blocks?: readonly string[] | undefined;
  /** Default: 300 seconds. */
  readonly timestamp?: { readonly ttlSeconds: number } | false | undefined;
  /** Tokens, XML that declares every prefix that it uses, byte for byte as they are to be sent. */
  readonly tokens?: readonly string[] | undefined;
  /** SignatureValues to confirm (WS-Security 1.1 section 8.5); an empty list writes one confirmation without Value. */
  readonly confirm?: readonly Uint8Array[] | undefined;
  /** In the order in which they are written; default: none. */
  readonly signatures?: readonly OutboundSignature[] | undefined;
  /** Default: nothing is encrypted. */
  readonly encrypt?: OutboundEncryption | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** A message with its Security header. */
export interface SecuredMessage {
  /** UTF-8. */
  readonly envelope: Uint8Array;
  /** Content-Type, without an action parameter. */
  readonly contentType: string;
  readonly version: SoapVersion;
  /** What a reply's SignatureConfirmation must repeat. */
  readonly signatureValues: readonly Buffer[];
}

/**
 * Puts a Security header into a SOAP envelope (WS-Security 1.1 section 5): Timestamp, tokens, confirmations, signatures; and
 * encrypts parts of it. What is not added or encrypted stays byte for byte; only a byte order mark is taken off, and what is in UTF-16 is sent as UTF-8.
 * @throws ERR_XML_ and ERR_SOAP_ codes for what is no envelope; ERR_WSS_INVALID_SECURITY where it has a Security header for
 * that actor already; ERR_POLICY_PART_UNPROTECTED where a part to be signed is not there
 * @param envelope Its octets or text; or the envelope as it was scanned, which then is not scanned again.
 */
export function secureMessage(
  envelope: string | Uint8Array | UnverifiedEnvelope,
  options: SecureMessageOptions,
): SecuredMessage {
  const plain = plainEnvelope(envelope, options.blocks ?? []);
  if (findSecurityHeader(plain, options.actor) !== -1) {
    refuse("ERR_WSS_INVALID_SECURITY", "the envelope has a Security header for this actor already", {
      rule: "WS-Security 1.1, 5",
      remedy: "Give the envelope without one.",
    });
  }
  const signatures = options.signatures ?? [];
  const ids = idInsertions(
    plain,
    signatures.flatMap((signature) => signature.parts),
  );
  const { version } = plain;
  const contentType = contentTypeOf(version);
  const content = ids.length === 0 ? plain : envelopeOf(insert(plain.document.bytes, ids));
  const header = securityHeader(plain, options);
  if (signatures.length === 0 && options.encrypt === undefined) {
    const secured = insert(content.document.bytes, headerInsertions(content, header));
    return { envelope: secured, contentType, version, signatureValues: [] };
  }
  const security = new SecurityDraft(plain, header, options.actor);
  if (options.encrypt === undefined) {
    const built = sign(content, security, options, []);
    const text = security.write("", [], built.map(({ xml }) => xml).join(""));
    const secured = insert(content.document.bytes, headerInsertions(content, text));
    return { envelope: secured, contentType, version, signatureValues: built.map(({ value }) => value) };
  }
  const encryption = new MessageEncryption(options.encrypt);
  const inner = encryption.encrypt(content, "inner");
  const inside = inner.ids.length === 0 ? content : envelopeOf(insert(content.document.bytes, inner.insertions));
  const built = sign(inside, security, options, inner.headers);
  const outer = encryption.encrypt(inside, "outer");
  const children = encryption.encryptChildren(
    security,
    built.map(({ xml }) => xml),
  );
  const opening = encryption.opening([...outer.ids, ...children.ids], inner.ids);
  const text = security.write(
    encryption.shared ? "" : opening,
    encryption.shared ? [{ at: security.behindKeys, text: opening }, ...children.insertions] : children.insertions,
    children.signatures.join("") + (inner.ids.length === 0 ? "" : writeEncryptedDataReferences(inner.ids)),
  );
  const secured = insert(inside.document.bytes, [...headerInsertions(inside, text), ...outer.insertions]);
  return { envelope: secured, contentType, version, signatureValues: built.map(({ value }) => value) };
}

function plainEnvelope(
  envelope: string | Uint8Array | UnverifiedEnvelope,
  blocks: readonly string[],
): UnverifiedEnvelope {
  if (typeof envelope === "string" || envelope instanceof Uint8Array) {
    return envelopeOf(withBlocks(utf8(envelope), blocks));
  }
  const { bytes } = envelope.document;
  // A declaration could go on naming UTF-16.
  const alone = envelope.document.start(0) === 0 && blocks.length === 0;
  return alone ? envelope : envelopeOf(withBlocks(bytes.subarray(envelope.document.start(0)), blocks));
}

const envelopeOf = (octets: Buffer): UnverifiedEnvelope => parseEnvelope(scan(octets));

/**
 * Makes the signatures.
 * @param encrypted Header blocks that were encrypted before: what stands for them is signed in their place.
 */
function sign(
  content: UnverifiedEnvelope,
  security: SecurityDraft,
  { signatures = [], encrypt }: SecureMessageOptions,
  encrypted: EncryptedParts["headers"],
): readonly BuiltSignature[] {
  let draft = security;
  let waiting = "";
  const names = new Set<string | undefined>();
  return signatures.map((signature) => {
    // What endorses a signature in front of it reads that where it will stand.
    if (signature.ids?.some((id) => names.has(id))) {
      draft = draft.with(waiting);
      waiting = "";
    }
    const built = signatureOver(content, draft, signature, encrypt?.order ?? "sign-then-encrypt", encrypted);
    waiting += built.xml;
    names.add(signature.id);
    return built;
  });
}

function signatureOver(
  content: UnverifiedEnvelope,
  security: SecurityDraft,
  { key, algorithm, digest, reference, parts, ids = [], id }: OutboundSignature,
  order: ProtectionOrder,
  encrypted: EncryptedParts["headers"],
): BuiltSignature {
  const inContent = new Set<number>();
  const inHeader = new Set<number>();
  for (const part of parts) {
    if (part === "timestamp" || part === "confirmations") {
      for (const found of partElements(security.envelope, security.header, part)) inHeader.add(found);
    } else for (const found of signedElements(content, part, encrypted)) inContent.add(found);
  }
  for (const wanted of ids) inHeader.add(elementById(security.envelope, security.header, wanted));
  return buildSignature({
    references: [...toSign(content.document, inContent, order), ...toSign(security.envelope.document, inHeader, order)],
    algorithm: algorithm ?? signatureUriFor(key),
    key,
    digest,
    id,
    keyInfo: writeKeyReference(reference),
  });
}

function toSign(document: XmlDocument, elements: Iterable<number>, order: ProtectionOrder): ReferenceToSign[] {
  return Array.from(elements, (element) => ({
    document,
    element,
    id: identifierOf(document, element),
    form: order === "encrypt-then-sign" ? withNamespaces(document, element) : undefined,
  }));
}

/** The elements that a part stands for, and the EncryptedHeaders of blocks that it means. */
function signedElements(
  envelope: UnverifiedEnvelope,
  part: MessagePart,
  encrypted: EncryptedParts["headers"],
): readonly number[] {
  const meant = encrypted.filter(({ namespace, name }) =>
    part === "addressing"
      ? isAddressing(namespace)
      : typeof part === "object" && part.namespace === namespace && part.name === name,
  );
  const found: number[] = [];
  forEachBlock(envelope, (block) => {
    const id = identifierOf(envelope.document, block);
    if (meant.some((one) => one.id === id)) found.push(block);
  });
  return typeof part === "object" && found.length > 0 ? found : [...found, ...partElements(envelope, -1, part)];
}

/** Keeps the meaning of names in cipher text: whoever signs it signs the namespaces around it too. */
function withNamespaces(document: XmlDocument, signed: number): CanonicalForm {
  const prefixes = [...namespacesInScope(document, signed).keys()];
  return { ...exclusive, inclusivePrefixes: prefixes.map((prefix) => (prefix === "" ? "#default" : prefix)) };
}

/** The envelope in UTF-8 without byte order mark: octets that stand where their scan will say. */
function utf8(envelope: string | Uint8Array): Buffer {
  const given =
    typeof envelope === "string"
      ? Buffer.from(envelope)
      : Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  if (given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf) return given.subarray(3);
  if (given[0] !== 0xfe && given[0] !== 0xff) return given;
  const document = scan(given);
  // Without its declaration, which would go on naming UTF-16.
  return document.bytes.subarray(document.start(0));
}

/** The envelope with further header blocks in front of those that it has. */
function withBlocks(octets: Buffer, blocks: readonly string[]): Buffer {
  return blocks.length === 0 ? octets : insert(octets, headerInsertions(parseEnvelope(scan(octets)), blocks.join("")));
}

/** Header blocks at the start of the SOAP Header, and that Header where there is none. */
function headerInsertions({ document, header }: UnverifiedEnvelope, content: string): readonly Insertion[] {
  if (header !== -1 && document.contentEnd(header) !== document.end(header)) {
    return [{ at: document.contentStart(header), text: content }];
  }
  if (header !== -1) {
    // <Header/> has no place inside: its end is replaced.
    return [{ at: document.end(header) - 2, text: `>${content}</${document.qualifiedName(header)}>`, skip: 2 }];
  }
  const prefix = document.prefix(0);
  const name = prefix === "" ? "Header" : `${prefix}:Header`;
  return [{ at: document.contentStart(0), text: `<${name}>${content}</${name}>` }];
}

function securityHeader({ version }: UnverifiedEnvelope, options: SecureMessageOptions): string {
  const { actor, mustUnderstand = true, tokens = [], confirm, clock = systemClock } = options;
  const soap = version === "1.1" ? soap11Namespace : soap12Namespace;
  const attributes: Record<string, string> = { "xmlns:wsse": wsseNamespace, "xmlns:wsu": wsuNamespace };
  if (mustUnderstand || actor !== undefined) attributes["xmlns:soap"] = soap;
  if (mustUnderstand) attributes["soap:mustUnderstand"] = version === "1.1" ? "1" : "true";
  if (actor !== undefined) attributes[version === "1.1" ? "soap:actor" : "soap:role"] = actor;
  return element(
    "wsse:Security",
    attributes,
    options.timestamp === false ? "" : timestamp(clock.now(), options.timestamp?.ttlSeconds ?? 300),
    ...tokens,
    ...(confirm === undefined ? [] : confirmations(confirm)),
    // Never an empty tag: signatures go in behind the last child.
    "",
  );
}

function timestamp(now: number, ttlSeconds: number): string {
  return element(
    "wsu:Timestamp",
    { "xmlns:wsu": wsuNamespace, "wsu:Id": randomId("ts-") },
    element("wsu:Created", {}, formatDateTime(now)),
    element("wsu:Expires", {}, formatDateTime(now + ttlSeconds * 1000)),
  );
}

function confirmations(values: readonly Uint8Array[]): string[] {
  const write = (value: Record<string, string>) =>
    element("wsse11:SignatureConfirmation", {
      "xmlns:wsse11": wsse11Namespace,
      "xmlns:wsu": wsuNamespace,
      "wsu:Id": randomId("sc-"),
      ...value,
    });
  return values.length === 0
    ? [write({})]
    : values.map((value) => write({ Value: Buffer.from(value).toString("base64") }));
}

/** A wsu:Id for every part outside our header that is to be signed and has none. */
function idInsertions(envelope: UnverifiedEnvelope, parts: readonly ReplyPart[]): readonly Insertion[] {
  const { document } = envelope;
  const elements = new Set<number>();
  for (const part of parts) {
    if (part === "timestamp" || part === "confirmations") continue;
    for (const found of partElements(envelope, -1, part)) if (identifierOf(document, found) === "") elements.add(found);
  }
  return [...elements].map((found) => ({
    at: document.start(found) + 1 + Buffer.byteLength(document.qualifiedName(found)),
    text: idAttribute(document, found),
  }));
}

/** Text of a wsu:Id under a prefix that means nothing else there. */
function idAttribute(document: XmlDocument, element: number): string {
  let prefix = "wsu";
  for (
    let bound = document.namespaceOf(element, prefix);
    bound !== undefined;
    bound = document.namespaceOf(element, prefix)
  ) {
    if (bound === wsuNamespace) return ` ${prefix}:Id="${randomId("id-")}"`;
    prefix += "-";
  }
  return ` xmlns:${prefix}="${wsuNamespace}" ${prefix}:Id="${randomId("id-")}"`;
}

function elementById({ document }: UnverifiedEnvelope, header: number, id: string): number {
  for (let child = document.firstChild(header); child !== -1; child = document.nextSibling(child)) {
    if (identifierOf(document, child) === id) return child;
  }
  refuse("ERR_INTERNAL", "an element to be signed is not in the header");
}
