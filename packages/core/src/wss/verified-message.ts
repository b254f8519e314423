import type { Readable } from "node:stream";
import type { Certificate, KeyObject } from "../crypto/index.js";
import type { Proof, ValidatedToken } from "../identity/index.js";

/** What protected a part of a message. */
export type Protection =
  | { readonly by: "signature"; readonly signer: string; readonly algorithm: string }
  | { readonly by: "transport" };

/** Which token was accepted, how the sender proved it, and which parts stand under whose protection. */
export interface SecurityEvidence {
  readonly token: ValidatedToken;
  readonly proof: Proof;
  /** Index of the accepted alternative in the route's `accept` list. */
  readonly alternative: number;
  /** Names of protected parts (`body`, `timestamp`, `{namespace}name` of header blocks, `cid:id` of attachments) and what protects each. */
  readonly parts: ReadonlyMap<string, Protection>;
  /** Names of parts that came encrypted: `body`, `signature`, `token`, `{namespace}name` of header blocks. */
  readonly encrypted?: ReadonlySet<string> | undefined;
  /** Keys that the sender proved to hold without anybody vouching for them; filled for a broker's own guard only. */
  readonly possession?: readonly PossessionProof[] | undefined;
}

/** A key that made a verified signature and came with the message alone. It identifies nobody. */
export interface PossessionProof {
  readonly publicKey: KeyObject;
  /** Where the key came in a certificate. */
  readonly certificate?: Certificate | undefined;
  /** Names of the parts that the signature covers: `body`, `timestamp`, `{namespace}name`. */
  readonly parts: ReadonlySet<string>;
}

/** A read-only element of a verified message: reads nothing outside the protected range. */
export interface VerifiedElement {
  readonly localName: string;
  readonly namespace: string;
  readonly protection: Protection;
  /** The canonical octets that were verified: complete, namespace well-formed XML. */
  readonly bytes: Uint8Array;
  /** The whole text of an element without child elements; undefined where it has some. */
  readonly text: string | undefined;
  attribute(name: string, namespace?: string): string | undefined;
  children(localName?: string, namespace?: string): readonly VerifiedElement[];
  /** The first child element of that name. */
  child(localName: string, namespace?: string): VerifiedElement | undefined;
}

/** An attachment of a verified message. */
export interface VerifiedAttachment {
  /** Its Content-ID, without angle brackets: what `cid:` references name. */
  readonly id: string;
  /** Its Content-Type. No signature vouches for it unless `headersSigned`. */
  readonly contentType: string;
  /** Octets that {@link VerifiedAttachment.stream} gives. */
  readonly size: number;
  readonly protection: Protection;
  /** Whether the signature covers its MIME headers too (Attachment-Complete-Signature-Transform). */
  readonly headersSigned: boolean;
  /**
   * Its octets, all of them verified before the handler ran: for a signature exactly those that it covers, so that text has
   * CRLF at each line's end and XML comes in canonical form (SwA Profile 1.1 section 5.4.2). Each call reads from the
   * beginning, until the reply is sent.
   */
  stream(): Readable;
}

declare const verified: unique symbol;

/** A SOAP message, readable only as far as signature or transport protects it. Only a verifier makes one. */
export interface VerifiedMessage extends MessageContent {
  readonly [verified]: true;
}

/** What may be read of a verified message. */
export interface MessageContent {
  readonly soapVersion: "1.1" | "1.2";
  /** The Body; every accepted alternative protects it. */
  readonly body: VerifiedElement;
  /** The protected header blocks, in message order. */
  readonly headers: readonly VerifiedElement[];
  /** The protected attachments, in message order; small ones of an MTOM message stand in the envelope instead. */
  readonly attachments: readonly VerifiedAttachment[];
  /** A SOAP envelope built from the verified parts alone, UTF-8. */
  readonly envelope: Uint8Array;
}
