import { refuse } from "../errors/index.js";
import { soap11Namespace, soap12Namespace, type UnverifiedEnvelope } from "../soap/index.js";
import { type CanonicalForm, canonicalize, type XmlDocument } from "../xml/index.js";
import type {
  MessageContent,
  Protection,
  VerifiedAttachment,
  VerifiedElement,
  VerifiedMessage,
} from "./verified-message.js";

/** A part that was found protected: its element, by what, and the canonical form under which it was verified. */
export interface ProtectedPart {
  readonly element: number;
  readonly protection: Protection;
  /** The form that the signature covered; the inclusive form where the transport protects the whole. */
  readonly form: CanonicalForm;
}

/** Keeps every namespace in scope, so that prefixes in content go on meaning what they meant in the whole message. */
const wholeMessage: CanonicalForm = { method: "inclusive", comments: false };

/** The part as protected by the transport. */
export const transportPart = (element: number): ProtectedPart => ({
  element,
  protection: { by: "transport" },
  form: wholeMessage,
});

/**
 * The only maker of {@link VerifiedMessage}: a view over protected parts, rebuilt from their canonical octets when read.
 * @param parts The protected header blocks, in message order.
 */
export function createVerifiedMessage(
  envelope: UnverifiedEnvelope,
  body: ProtectedPart,
  parts: readonly ProtectedPart[],
  attachments: readonly VerifiedAttachment[] = none,
): VerifiedMessage {
  if (body.element !== envelope.body) refuse("ERR_INTERNAL", "the verified Body is not the Body of the Envelope");
  const content: MessageContent = new MessageView(envelope, body, parts, attachments);
  return content as VerifiedMessage;
}

const none: readonly VerifiedAttachment[] = Object.freeze([]);

class MessageView implements MessageContent {
  readonly attachments: readonly VerifiedAttachment[];
  readonly #envelope: UnverifiedEnvelope;
  readonly #body: ElementView;
  readonly #parts: readonly ProtectedPart[];
  #headers: readonly VerifiedElement[] | undefined;
  #octets: Uint8Array | undefined;

  constructor(
    envelope: UnverifiedEnvelope,
    body: ProtectedPart,
    parts: readonly ProtectedPart[],
    attachments: readonly VerifiedAttachment[],
  ) {
    this.attachments = attachments;
    this.#envelope = envelope;
    this.#body = new ElementView(envelope.document, body.element, body);
    this.#parts = parts;
  }

  get soapVersion() {
    return this.#envelope.version;
  }

  get body(): VerifiedElement {
    return this.#body;
  }

  get headers(): readonly VerifiedElement[] {
    this.#headers ??= this.#parts.map((part) => new ElementView(this.#envelope.document, part.element, part));
    return this.#headers;
  }

  get envelope(): Uint8Array {
    this.#octets ??= this.#writeEnvelope();
    return this.#octets;
  }

  #writeEnvelope(): Uint8Array {
    const namespace = this.#envelope.version === "1.1" ? soap11Namespace : soap12Namespace;
    const pieces: Uint8Array[] = [Buffer.from(`<soap:Envelope xmlns:soap="${namespace}">`)];
    if (this.headers.length > 0) {
      pieces.push(Buffer.from("<soap:Header>"));
      for (const header of this.headers) pieces.push(header.bytes);
      pieces.push(Buffer.from("</soap:Header>"));
    }
    pieces.push(this.#body.bytes, Buffer.from("</soap:Envelope>"));
    return Buffer.concat(pieces);
  }
}

class ElementView implements VerifiedElement {
  readonly #document: XmlDocument;
  readonly #element: number;
  readonly #part: ProtectedPart;
  #octets: Uint8Array | undefined;

  constructor(document: XmlDocument, element: number, part: ProtectedPart) {
    this.#document = document;
    this.#element = element;
    this.#part = part;
  }

  get localName(): string {
    return this.#document.localName(this.#element);
  }

  get namespace(): string {
    return this.#document.namespace(this.#element);
  }

  get protection(): Protection {
    return this.#part.protection;
  }

  get bytes(): Uint8Array {
    this.#octets ??= canonicalize(this.#document, this.#element, this.#part.form);
    return this.#octets;
  }

  get text(): string | undefined {
    return this.#document.text(this.#element);
  }

  attribute(name: string, namespace = ""): string | undefined {
    for (const found of this.#document.attributes(this.#element)) {
      if (found.localName === name && found.namespace === namespace) return found.value;
    }
    return undefined;
  }

  children(localName?: string, namespace?: string): readonly VerifiedElement[] {
    const found: VerifiedElement[] = [];
    const document = this.#document;
    for (let child = document.firstChild(this.#element); child !== -1; child = document.nextSibling(child)) {
      if (localName !== undefined && document.localName(child) !== localName) continue;
      if (namespace !== undefined && document.namespace(child) !== namespace) continue;
      found.push(new ElementView(document, child, this.#part));
    }
    return found;
  }

  child(localName: string, namespace?: string): VerifiedElement | undefined {
    return this.children(localName, namespace)[0];
  }
}
