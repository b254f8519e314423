import { type Certificate, contentCipher, contentCipherUri, randomId } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { parseEnvelope, soap11, soap12, type UnverifiedEnvelope } from "../soap/index.js";
import { element, scan } from "../xml/index.js";
import { writeEncryptedData, writeEncryptedDataReferences } from "../xmlsec/index.js";
import type { ProtectionOrder } from "./encrypted-parts.js";
import type { EncryptedPart } from "./message-part.js";
import { foreign, wsse, wsse11Namespace, wsuNamespace } from "./names.js";
import {
  type ContextRecipient,
  makeContentKey,
  type OutboundContentKey,
  type RecipientReference,
} from "./outbound-content-key.js";
import { partElements } from "./part-elements.js";
import { findSecurityHeader } from "./security-header.js";
import { type Insertion, insert } from "./splice.js";

/** For whom and how a message is encrypted. */
export interface OutboundEncryption {
  /**
   * The receiver's certificate (RSA for key transport, P-256, P-384, P-521 or X25519 for key agreement), or a security context
   * that the receiver knows.
   */
  readonly for: Certificate | ContextRecipient;
  /** Default the Body. */
  readonly parts?: readonly EncryptedPart[] | undefined;
  /** Whether Body and header blocks are signed first (default) or encrypted first. Signatures and tokens are encrypted last. */
  readonly order?: ProtectionOrder | undefined;
  /** How a certificate is named. Default `issuer-serial`; `certificate` sends it along. */
  readonly reference?: RecipientReference | undefined;
  /** URI of the content cipher. Default AES-256-GCM. */
  readonly algorithm?: string | undefined;
}

/** A message of which some parts were encrypted. */
export interface EncryptedParts {
  readonly octets: Buffer;
  /** Ids of the EncryptedData. */
  readonly ids: readonly string[];
  /** wsu:Ids of the EncryptedHeaders, with what is in each. */
  readonly headers: readonly { readonly id: string; readonly namespace: string; readonly name: string }[];
}

/** The encryption of one message: one content key. */
export class MessageEncryption {
  readonly #options: OutboundEncryption;
  readonly #algorithm: string;
  readonly #key: OutboundContentKey;

  /** @throws ERR_WSS_UNSUPPORTED_ALGORITHM for a content cipher that is not known */
  constructor(options: OutboundEncryption) {
    this.#options = options;
    this.#algorithm = options.algorithm ?? contentCipherUri.aes256Gcm;
    const cipher =
      contentCipher(this.#algorithm) ??
      refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the content cipher ${this.#algorithm} is not known`);
    this.#key = makeContentKey(options.for, cipher.keyOctets, options.reference);
  }

  /** Parts that are encrypted before the message is signed. */
  get inner(): readonly EncryptedPart[] {
    return this.#parts.filter((part) => this.#isInner(part));
  }

  /** Parts that are encrypted when everything else is done. */
  get outer(): readonly EncryptedPart[] {
    return this.#parts.filter((part) => !this.#isInner(part));
  }

  get #parts(): readonly EncryptedPart[] {
    return this.#options.parts ?? ["body"];
  }

  #isInner(part: EncryptedPart): boolean {
    return this.#options.order === "encrypt-then-sign" && part !== "signature" && part !== "token";
  }

  /**
   * Replaces parts by EncryptedData (WS-Security 1.1 section 9): of the Body its content, of header blocks the block inside a
   * wsse11:EncryptedHeader, of the Security header's children the element.
   * @throws ERR_POLICY_PART_UNPROTECTED for a header block that is not there
   */
  encrypt(octets: Buffer, actor: string | undefined, parts: readonly EncryptedPart[]): EncryptedParts {
    if (parts.length === 0) return { octets, ids: [], headers: [] };
    const envelope = parseEnvelope(scan(octets));
    const { document } = envelope;
    const security = findSecurityHeader(envelope, actor);
    const ids: string[] = [];
    const headers: { id: string; namespace: string; name: string }[] = [];
    const data = (type: "element" | "content", from: number, to: number) => {
      const id = randomId("ed-");
      ids.push(id);
      const plaintext = octets.subarray(from, to);
      return writeEncryptedData({
        plaintext,
        key: this.#key.octets,
        algorithm: this.#algorithm,
        type,
        id,
        keyInfo: this.#key.keyInfo,
      });
    };
    const replacements = new Map<number, Insertion>();
    for (const part of parts) {
      for (const found of elementsOf(envelope, security, part)) {
        const start = document.start(found);
        const end = document.end(found);
        if (part === "body")
          replacements.set(
            found,
            inContent(envelope, found, (from, to) => data("content", from, to)),
          );
        else if (part === "signature" || part === "token") {
          replacements.set(found, { at: start, skip: end - start, text: data("element", start, end) });
        } else {
          const id = randomId("eh-");
          headers.push({ id, namespace: part.namespace, name: part.name });
          const text = encryptedHeader(envelope, found, id, data("element", start, end));
          replacements.set(found, { at: start, skip: end - start, text });
        }
      }
    }
    return { octets: insert(octets, [...replacements.values()]), ids, headers };
  }

  /**
   * Completes the Security header: first what opens the content key, with the list of what is decrypted before signatures are
   * verified; in the end the list of what is decrypted afterwards. Nothing where the message has none of the parts.
   */
  complete(octets: Buffer, actor: string | undefined, outer: readonly string[], inner: readonly string[]): Buffer {
    // A key that opens nothing would say that something was lost.
    if (outer.length + inner.length === 0) return octets;
    const envelope = parseEnvelope(scan(octets));
    const { document } = envelope;
    const security = findSecurityHeader(envelope, actor);
    const insertions: Insertion[] = [{ at: document.contentStart(security), text: this.#key.opening(outer) }];
    if (inner.length > 0) {
      insertions.push({ at: document.contentEnd(security), text: writeEncryptedDataReferences(inner) });
    }
    return insert(octets, insertions);
  }
}

function elementsOf(envelope: UnverifiedEnvelope, security: number, part: EncryptedPart): readonly number[] {
  if (part !== "signature" && part !== "token") return partElements(envelope, security, part);
  const { document } = envelope;
  const wanted: readonly number[] =
    part === "signature" ? [foreign.Signature] : [wsse.UsernameToken, foreign.Assertion, foreign.Assertion11];
  const found: number[] = [];
  for (let child = document.firstChild(security); child !== -1; child = document.nextSibling(child)) {
    if (wanted.includes(document.name(child))) found.push(child);
  }
  return found;
}

/** Replaces the whole content of an element, and writes an empty element out. */
function inContent(
  { document }: UnverifiedEnvelope,
  found: number,
  encrypted: (from: number, to: number) => string,
): Insertion {
  const from = document.contentStart(found);
  const to = document.contentEnd(found);
  if (to !== document.end(found)) return { at: from, skip: to - from, text: encrypted(from, to) };
  return { at: to - 2, skip: 2, text: `>${encrypted(to, to)}</${document.qualifiedName(found)}>` };
}

/** A wsse11:EncryptedHeader (WS-Security 1.1 section 9.3): says for whom the block is, and whether it must be understood. */
function encryptedHeader(envelope: UnverifiedEnvelope, block: number, id: string, data: string): string {
  const { document, version } = envelope;
  const names =
    version === "1.1"
      ? { actor: soap11.actor, mustUnderstand: soap11.mustUnderstand }
      : { actor: soap12.actor, mustUnderstand: soap12.mustUnderstand };
  const prefix = document.prefix(0);
  const soap = prefix === "" ? "soap" : prefix;
  const attributes: Record<string, string> = {
    "xmlns:wsse11": wsse11Namespace,
    "xmlns:wsu": wsuNamespace,
    [`xmlns:${soap}`]: document.namespace(0),
    "wsu:Id": id,
  };
  const mustUnderstand = document.attribute(block, names.mustUnderstand);
  const actor = document.attribute(block, names.actor);
  if (mustUnderstand !== undefined) attributes[`${soap}:mustUnderstand`] = mustUnderstand;
  if (actor !== undefined) attributes[`${soap}:${version === "1.1" ? "actor" : "role"}`] = actor;
  return element("wsse11:EncryptedHeader", attributes, data);
}
