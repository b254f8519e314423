import { type Certificate, contentCipher, randomId } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { soap11, soap12, type UnverifiedEnvelope } from "../soap/index.js";
import { element } from "../xml/index.js";
import { writeEncryptedData } from "../xmlsec/index.js";
import type { ProtectionOrder } from "./encrypted-parts.js";
import type { EncryptedPart } from "./message-part.js";
import { foreign, wsse, wsse11Namespace, wsuNamespace } from "./names.js";
import {
  type ContextRecipient,
  defaultCipher,
  makeContentKey,
  type OutboundContentKey,
  type RecipientReference,
  type SharedContentKey,
} from "./outbound-content-key.js";
import { partElements } from "./part-elements.js";
import type { SecurityDraft } from "./security-draft.js";
import type { Insertion } from "./splice.js";

/** For whom and how a message is encrypted. */
export interface OutboundEncryption {
  /**
   * The receiver's certificate (RSA for key transport, P-256, P-384, P-521 or X25519 for key agreement), a security context
   * that the receiver knows, or a key that it knows or that a token of the message tells it.
   */
  readonly for: Certificate | ContextRecipient | SharedContentKey;
  /** Default the Body. */
  readonly parts?: readonly EncryptedPart[] | undefined;
  /** Whether Body and header blocks are signed first (default) or encrypted first. Signatures and tokens are encrypted last. */
  readonly order?: ProtectionOrder | undefined;
  /** How a certificate is named. Default `issuer-serial`; `certificate` sends it along. */
  readonly reference?: RecipientReference | undefined;
  /** URI of the content cipher. Default AES-256-GCM; for a {@link SharedContentKey} AES-GCM of its length. */
  readonly algorithm?: string | undefined;
}

/** The parts of a message that were encrypted. */
export interface EncryptedParts {
  /** What is to be put into the message. */
  readonly insertions: readonly Insertion[];
  /** Ids of the EncryptedData. */
  readonly ids: readonly string[];
  /** wsu:Ids of the EncryptedHeaders, with what is in each. */
  readonly headers: readonly { readonly id: string; readonly namespace: string; readonly name: string }[];
}

/** The children of a Security header that were encrypted. */
export interface EncryptedChildren {
  /** What is to be put into the header. */
  readonly insertions: readonly Insertion[];
  /** Ids of the EncryptedData. */
  readonly ids: readonly string[];
  /** The signatures, encrypted where that is asked for. */
  readonly signatures: readonly string[];
}

/** The encryption of one message: one content key. */
export class MessageEncryption {
  readonly #options: OutboundEncryption;
  readonly #algorithm: string;
  readonly #key: OutboundContentKey;

  /** @throws ERR_WSS_UNSUPPORTED_ALGORITHM for a content cipher that is not known */
  constructor(options: OutboundEncryption) {
    this.#options = options;
    this.#algorithm = options.algorithm ?? defaultCipher(options.for);
    const cipher =
      contentCipher(this.#algorithm) ??
      refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", `the content cipher ${this.#algorithm} is not known`);
    this.#key = makeContentKey(options.for, cipher.keyOctets, options.reference);
  }

  /**
   * Replaces the Body and header blocks by EncryptedData (WS-Security 1.1 section 9): of the Body its content, of header
   * blocks the block inside a wsse11:EncryptedHeader.
   * @param when `inner` for what is encrypted before the message is signed, `outer` for what is encrypted afterwards.
   * @throws ERR_POLICY_PART_UNPROTECTED for a header block that is not there
   */
  encrypt(envelope: UnverifiedEnvelope, when: "inner" | "outer"): EncryptedParts {
    const { document } = envelope;
    const isInner = this.#options.order === "encrypt-then-sign";
    const insertions = new Map<number, Insertion>();
    const ids: string[] = [];
    const headers: { id: string; namespace: string; name: string }[] = [];
    const encrypted = (type: "element" | "content", from: number, to: number) => {
      const data = this.#encrypt(type, document.bytes.subarray(from, to));
      ids.push(data.id);
      return data.xml;
    };
    for (const part of isInner === (when === "inner") ? this.#parts : []) {
      if (part === "signature" || part === "token") continue;
      for (const found of partElements(envelope, -1, part)) {
        if (insertions.has(found)) continue;
        if (part === "body") {
          insertions.set(
            found,
            inContent(envelope, found, (from, to) => encrypted("content", from, to)),
          );
        } else {
          const id = randomId("eh-");
          const at = document.start(found);
          const end = document.end(found);
          headers.push({ id, namespace: part.namespace, name: part.name });
          const text = encryptedHeader(envelope, found, id, encrypted("element", at, end));
          insertions.set(found, { at, skip: end - at, text });
        }
      }
    }
    return { insertions: [...insertions.values()], ids, headers };
  }

  /** Replaces tokens of the Security header and signatures that go into it by EncryptedData, where they are to be encrypted. */
  encryptChildren({ envelope: { document }, header }: SecurityDraft, signatures: readonly string[]): EncryptedChildren {
    const ids: string[] = [];
    const encrypted = (octets: Buffer) => {
      const data = this.#encrypt("element", octets);
      ids.push(data.id);
      return data.xml;
    };
    const insertions: Insertion[] = [];
    if (this.#parts.includes("token")) {
      for (let child = document.firstChild(header); child !== -1; child = document.nextSibling(child)) {
        if (!encryptedTokens.includes(document.name(child))) continue;
        const at = document.start(child);
        const end = document.end(child);
        insertions.push({ at, skip: end - at, text: encrypted(document.bytes.subarray(at, end)) });
      }
    }
    const written = this.#parts.includes("signature")
      ? signatures.map((signature) => encrypted(Buffer.from(signature)))
      : signatures;
    return { insertions, ids, signatures: written };
  }

  #encrypt(type: "element" | "content", plaintext: Buffer): { readonly id: string; readonly xml: string } {
    const id = randomId("ed-");
    const xml = writeEncryptedData({
      plaintext,
      key: this.#key.octets,
      algorithm: this.#algorithm,
      type,
      id,
      keyInfo: this.#key.keyInfo,
    });
    return { id, xml };
  }

  get #parts(): readonly EncryptedPart[] {
    return this.#options.parts ?? ["body"];
  }

  /** Whether the key comes from a token that is in the header anyway, if from any: then what opens goes behind that. */
  get shared(): boolean {
    return this.#key.shared === true;
  }

  /**
   * What goes in front of the Security header's children: what opens the content key, with the list of what is decrypted
   * before signatures are verified. Nothing where the message has none of the parts.
   * @param outer Ids of what was encrypted when everything else was done.
   * @param inner Ids of what was encrypted before.
   */
  opening(outer: readonly string[], inner: readonly string[]): string {
    // A key that opens nothing would say that something was lost.
    return outer.length + inner.length === 0 ? "" : this.#key.opening(outer);
  }
}

/** What the part `token` stands for. */
const encryptedTokens: readonly number[] = [wsse.UsernameToken, foreign.Assertion, foreign.Assertion11];

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
