import type { DigestAlgorithmName, SignatureAlgorithmName } from "./algorithms.js";
import type { Signer } from "./credentials.js";
import { type CanonicalForm, canonical, type Element, element, inside, type Scope, write } from "./markup.js";
import { orders } from "./payload.js";
import { type AssertionOptions, assertion, type MadeAssertion } from "./saml.js";
import {
  assertionReference,
  binarySecurityToken,
  certificateData,
  directReference,
  thumbprintReference,
  timestamp,
  type UsernameOptions,
  usernameToken,
} from "./security-header.js";
import { makeSignature, type SignatureRecord, type SigningTarget } from "./signature.js";

/**
 * Genuine SOAP messages, made without the product: what it must accept, and what the catalogue of attacks starts from.
 *
 * A message is text in named parts and an order of them. To attack one, change parts or order and `assemble` again:
 *
 *     const genuine = x509Message({ signer });
 *     const moved = assemble({
 *       ...genuine,
 *       parts: { ...genuine.parts, wrap: `<x:Wrap xmlns:x="urn:x">${genuine.parts.body}</x:Wrap>`, body: evil },
 *       header: [...genuine.header, "wrap"],
 *     });
 */
export interface MessageText {
  readonly soap: SoapVersion;
  /** Finished text by part name: `body`, `timestamp`, `token`, `assertion`, `signature`, `username`, and header blocks by their name. */
  readonly parts: Readonly<Record<string, string>>;
  /** Prefixes declared on the Envelope besides its own. */
  readonly envelopeDeclares: readonly string[];
  /** Names of the parts inside wsse:Security, in order. */
  readonly security: readonly string[];
  /** Names of the header blocks, in order; `security` is the Security header. */
  readonly header: readonly string[];
  /** Names of the children of the Envelope, in order; `header` is the Header. */
  readonly envelope: readonly string[];
}

/** SOAP versions. */
export type SoapVersion = "1.1" | "1.2";

/** A message with a record of every signature in it. */
export interface SoapMessage extends MessageText {
  readonly text: string;
  readonly bytes: Buffer;
  readonly signatures: readonly SignatureRecord[];
}

/** What all messages have in common. */
export interface MessageOptions {
  /** Default "1.1". */
  readonly soap?: SoapVersion;
  /** Canonical markup inside the Body; default an order of 1,000 octets. */
  readonly payload?: string;
  /** Where the message form of the Body's content differs from its canonical form (`payload`). */
  readonly payloadAsSent?: string;
  /** Other header blocks by part name; they stand before the Security header. A signed one needs a `wsu:Id`. */
  readonly headers?: Readonly<Record<string, Element>>;
  /** The Security header goes after the other blocks (default) or before them. */
  readonly securityFirst?: boolean;
  /** Names of the parts inside wsse:Security where the order matters; default as listed with each kind of message. */
  readonly securityOrder?: readonly string[];
  /** Prefixes declared on the Envelope besides its own. Default `wsu`. */
  readonly envelopeDeclares?: readonly string[];
  /** Moment of creation; default now. */
  readonly now?: Date;
  /** Default 300. */
  readonly lifetimeSeconds?: number;
}

/** How the message signature is made. */
export interface SigningOptions {
  readonly signer: Signer;
  readonly algorithm?: SignatureAlgorithmName;
  readonly digest?: DigestAlgorithmName;
  readonly form?: CanonicalForm;
  /** Names of the signed parts; `reference` signs the token behind the SecurityTokenReference (STR-Transform). Default timestamp, body. */
  readonly signed?: readonly string[];
  /** Signed attachments. Default none. */
  readonly attachments?: readonly SignedAttachment[];
}

/** An attachment under a signature (SwA Profile 1.1). */
export interface SignedAttachment {
  /** Content-ID, without angle brackets. */
  readonly id: string;
  /** The content in canonical form. */
  readonly content: Uint8Array;
  /** The MIME headers in canonical form, where the signature covers them too (Attachment-Complete-Signature-Transform). */
  readonly headers?: string;
}

/** How an X.509 signature names its certificate. */
export type X509Reference = "direct" | "embedded-data" | "thumbprint";

/** A signature by an X.509 certificate over Timestamp and Body. Security holds timestamp, token, signature. */
export function x509Message(
  options: MessageOptions & SigningOptions & { readonly reference?: X509Reference },
): SoapMessage {
  const { reference = "direct", signer } = options;
  if (reference === "thumbprint")
    return signedMessage({ ...options, keyInfo: thumbprintReference(signer.certificate) });
  if (reference === "embedded-data") return signedMessage({ ...options, keyInfo: certificateData(signer.certificate) });
  const draft = new Draft(options, ["timestamp", "token", "signature"]);
  draft.add("token", binarySecurityToken("X509-1", signer.certificate));
  draft.sign(options, directReference("X509-1", "STR-1"));
  return draft.finish();
}

/** A signature whose KeyInfo is given; the caller adds what that leads to. Security holds timestamp, signature. */
export function signedMessage(options: MessageOptions & SigningOptions & { readonly keyInfo: Element }): SoapMessage {
  const draft = new Draft(options, ["timestamp", "signature"]);
  draft.sign(options, options.keyInfo);
  return draft.finish();
}

/** A signed SAML bearer assertion; the transport protects the message. Security holds timestamp, assertion. */
export function bearerMessage(options: MessageOptions & { readonly assertion: AssertionOptions }): SoapMessage {
  const draft = new Draft(options, ["timestamp", "assertion"]);
  draft.addAssertion(assertion({ ...nowOf(options), ...options.assertion, confirmation: "bearer" }));
  return draft.finish();
}

/** A holder-of-key assertion whose key signs Timestamp and Body. Security holds timestamp, assertion, signature. */
export function holderOfKeyMessage(
  options: MessageOptions & SigningOptions & { readonly assertion: AssertionOptions },
): SoapMessage {
  const draft = new Draft(options, ["timestamp", "assertion", "signature"]);
  const made = assertion({
    ...nowOf(options),
    holder: options.signer,
    ...options.assertion,
    confirmation: "holder-of-key",
  });
  draft.addAssertion(made);
  draft.sign(options, assertionReference(made.version, made.id, "STR-1"));
  return draft.finish();
}

/**
 * A sender-vouches assertion: the attester's certificate signs assertion, Timestamp and Body. Security holds timestamp,
 * assertion, token, signature.
 */
export function senderVouchesMessage(
  options: MessageOptions & SigningOptions & { readonly assertion: AssertionOptions },
): SoapMessage {
  const draft = new Draft(options, ["timestamp", "assertion", "token", "signature"]);
  const made = assertion({ ...nowOf(options), ...options.assertion, confirmation: "sender-vouches" });
  draft.addAssertion(made);
  draft.add("token", binarySecurityToken("X509-1", options.signer.certificate));
  draft.sign({ signed: ["assertion", "timestamp", "body"], ...options }, directReference("X509-1", "STR-1"));
  return draft.finish();
}

/** A UsernameToken; the transport protects the message. Security holds timestamp, username. */
export function usernameMessage(options: MessageOptions & UsernameOptions): SoapMessage {
  const draft = new Draft(options, ["timestamp", "username"]);
  draft.add("username", usernameToken("UT-1", { created: draft.now, ...options }));
  return draft.finish();
}

/** WS-Addressing header blocks (2005/08) that can be signed: parts `to`, `action`, `messageId`. */
export function addressing(to: string, action: string, messageId = "urn:uuid:00000000-0000-4000-8000-000000000001") {
  return {
    to: element("wsa:To", { "wsu:Id": "To-1" }, [to]),
    action: element("wsa:Action", { "wsu:Id": "Action-1" }, [action]),
    messageId: element("wsa:MessageID", { "wsu:Id": "MessageID-1" }, [messageId]),
  };
}

/** The text of a message from its parts. A part named `security`, `header` or `envelope` replaces what would be built. */
export function assemble(message: MessageText): string {
  const { parts } = message;
  const soap = soapPrefix(message.soap);
  const pick = (names: readonly string[], built: Readonly<Record<string, () => string>>) =>
    names.map((name) => {
      const found = parts[name] ?? built[name]?.();
      if (found === undefined) throw new TypeError(`the message has no part named ${name}`);
      return found;
    });
  const security = () => write(securityElement(soap, pick(message.security, {})), envelopeScope(message));
  const header = () => write(element(`${soap}:Header`, {}, pick(message.header, { security })), envelopeScope(message));
  return (
    parts.envelope ??
    write(element(`${soap}:Envelope`, {}, pick(message.envelope, { header }), message.envelopeDeclares))
  );
}

/** The prefix these messages use for a SOAP version. */
export function soapPrefix(version: SoapVersion): "soap" | "env" {
  return version === "1.1" ? "soap" : "env";
}

function securityElement(soap: string, children: readonly string[]): Element {
  return element("wsse:Security", { [`${soap}:mustUnderstand`]: "1" }, children, ["wsu"]);
}

function envelopeScope(message: Pick<MessageText, "soap" | "envelopeDeclares">): Scope {
  return new Set([soapPrefix(message.soap), ...message.envelopeDeclares]);
}

function attachmentTarget({ id, content, headers }: SignedAttachment): SigningTarget {
  return {
    part: `cid:${id}`,
    uri: `cid:${id}`,
    octets: Buffer.concat([Buffer.from(headers ?? ""), content]),
    transform: headers === undefined ? "attachment-content" : "attachment-complete",
  };
}

let lastMoment = 0;

/** Now, but never the same moment twice: two messages of one moment have one signature, and the second is a replay. */
function nextMoment(): Date {
  lastMoment = Math.max(Date.now(), lastMoment + 1);
  return new Date(lastMoment);
}

function nowOf(options: MessageOptions): { readonly now?: Date } {
  return options.now === undefined ? {} : { now: options.now };
}

/** A message on the way: parts as elements with the scope they stand in, so that each can be signed. */
class Draft {
  readonly now: Date;
  readonly #message: Omit<MessageText, "parts">;
  readonly #around: Scope;
  readonly #inSecurity: Scope;
  readonly #elements = new Map<string, { readonly element: Element; readonly scope: Scope }>();
  readonly #parts: Record<string, string> = {};
  readonly #signatures: SignatureRecord[] = [];
  #assertion: MadeAssertion | undefined;

  constructor(options: MessageOptions, security: readonly string[]) {
    this.now = options.now ?? nextMoment();
    const soap = options.soap ?? "1.1";
    const blocks = Object.keys(options.headers ?? {});
    this.#message = {
      soap,
      envelopeDeclares: options.envelopeDeclares ?? ["wsu"],
      security: options.securityOrder ?? security,
      header: options.securityFirst ? ["security", ...blocks] : [...blocks, "security"],
      envelope: ["header", "body"],
    };
    this.#around = envelopeScope(this.#message);
    this.#inSecurity = inside(securityElement(soapPrefix(soap), []), this.#around);
    for (const [name, block] of Object.entries(options.headers ?? {})) this.#put(name, block, this.#around);
    this.add("timestamp", timestamp("TS-1", this.now, options.lifetimeSeconds ?? 300));
    const body = (payload: string) => element(`${soapPrefix(soap)}:Body`, { "wsu:Id": "Body-1" }, [payload]);
    const payload = options.payload ?? orders({ octets: 1000 });
    this.#put("body", body(payload), this.#around);
    if (options.payloadAsSent !== undefined) this.#parts.body = write(body(options.payloadAsSent), this.#around);
  }

  /** Adds a part of the Security header. */
  add(name: string, part: Element): void {
    this.#put(name, part, this.#inSecurity);
  }

  /** A finished assertion, which stands for itself wherever it is put. */
  addAssertion(made: MadeAssertion): void {
    this.#parts.assertion = made.text;
    this.#assertion = made;
    this.#signatures.push(made.signature);
  }

  sign(options: SigningOptions, keyInfo: Element): void {
    const form = options.form ?? { method: "exclusive" };
    const made = makeSignature({
      part: "signature",
      algorithm: options.algorithm ?? "rsa-sha256",
      digest: options.digest ?? "sha256",
      form,
      signer: options.signer,
      targets: [
        ...(options.signed ?? ["timestamp", "body"]).map((part) => this.#target(part, form)),
        ...(options.attachments ?? []).map(attachmentTarget),
      ],
      keyInfo: [keyInfo],
      id: "SIG-1",
      around: this.#inSecurity,
    });
    this.add("signature", made.element);
    this.#signatures.push(made.record);
  }

  finish(): SoapMessage {
    const message = { ...this.#message, parts: this.#parts };
    const text = assemble(message);
    return { ...message, text, bytes: Buffer.from(text, "utf8"), signatures: this.#signatures };
  }

  #put(name: string, part: Element, scope: Scope): void {
    this.#elements.set(name, { element: part, scope });
    this.#parts[name] = write(part, scope);
  }

  #target(part: string, form: CanonicalForm): SigningTarget {
    if (part === "reference") return { part, uri: "#STR-1", octets: this.#dereferenced(form), transform: "str" };
    if (part === "assertion" && this.#assertion !== undefined) {
      return { part, uri: `#${this.#assertion.id}`, octets: Buffer.from(this.#assertion.text, "utf8") };
    }
    const found = this.#elements.get(part);
    const id = found?.element.attributes["wsu:Id"];
    if (found === undefined || id === undefined) throw new TypeError(`the part ${part} is missing or has no wsu:Id`);
    return { part, uri: `#${id}`, octets: canonical(found.element, form, found.scope) };
  }

  /** The STR-Transform writes the token instead of the reference, with an empty default namespace (WSS 1.1.1 section 8.3). */
  #dereferenced(form: CanonicalForm): Buffer {
    const token = this.#elements.get("token");
    const octets = token ? canonical(token.element, form, token.scope).toString("utf8") : this.#parts.assertion;
    if (octets === undefined) throw new TypeError("there is no token behind the reference");
    return Buffer.from(
      octets.replace(/^<[^ >]+/, (name) => `${name} xmlns=""`),
      "utf8",
    );
  }
}
