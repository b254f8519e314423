import { refuse } from "../errors/index.js";
import type { UnverifiedEnvelope } from "../soap/index.js";
import type { ContextSource, EstablishedContext } from "../tokens/context/index.js";
import type { VerifiedAssertion } from "../tokens/saml/index.js";
import type { XmlDocument } from "../xml/index.js";
import { IdIndex, type RemoteReferenceDigester } from "../xmlsec/index.js";
import type { DecryptionRules } from "./decryption-keys.js";
import { planDecryption } from "./decryption-plan.js";
import type { DecryptedPart } from "./decryption-round.js";
import type { MessageAttachments } from "./message-attachments.js";
import { MessageKeys } from "./message-keys.js";
import { type VerifiedSignature, verifyMessageSignature, withEndorsed } from "./message-signature.js";
import { readState, type SignatureRules } from "./message-state.js";
import { openEncrypted } from "./open-encrypted.js";
import type { ReadHeader } from "./read-header.js";
import { parseSecurityHeader, type SecurityHeaderSyntax } from "./security-header.js";
import { readTimestamp, type Timestamp, type TimestampRules } from "./timestamp.js";

/** What opening a Security header needs to know of the route. */
export interface SecurityRules extends SignatureRules {
  readonly timestamp: TimestampRules;
  /** Keys that messages may be encrypted for, besides those of contexts. Default: none; without contexts too what is encrypted is refused. */
  readonly decryption?: DecryptionRules | undefined;
}

/** A Security header of which every signature was verified and every time is fresh. */
export interface OpenedSecurity {
  /** The message with all cipher text that was for us replaced by its plaintext: what everything behind it reads. */
  readonly envelope: UnverifiedEnvelope;
  readonly header: SecurityHeaderSyntax;
  readonly timestamp: Timestamp | undefined;
  readonly assertions: readonly VerifiedAssertion[];
  readonly signatures: readonly VerifiedSignature[];
  /** What of the message came encrypted for us. */
  readonly decrypted: readonly DecryptedPart[];
  /** Attachments, all of them read; undefined for a message that is no multipart one. */
  readonly attachments: MessageAttachments | undefined;
}

/**
 * Opens our Security header in the order of dependency: shape and freshness, algorithms of every signature and encryption,
 * assertion signatures, then message signatures with keys of configured trust or of those assertions. Every signature
 * verifies, or the message is refused.
 *
 * The header is worked off from its first child to its last, as WS-Security 1.1 section 9 has senders write it: cipher text
 * whose ReferenceList stands in front of a signature was encrypted after that was made, and is decrypted before it is
 * verified; cipher text whose ReferenceList stands behind it was signed as cipher text. A signature that comes out of cipher
 * text is verified over the message as it stands then. What a signature covers is known by position in the message as it is
 * in the end.
 * @param element The Security header that `findSecurityHeader` found.
 * @param remote Computes digests elsewhere, for documents that a worker holds; once something was decrypted they are
 * computed here.
 * @param attachments The rest of a multipart message. It is read only once everything above is settled.
 * @throws the ERR_WSS_ and ERR_TOKEN_ codes
 */
export async function openSecurity(
  envelope: UnverifiedEnvelope,
  element: number,
  rules: SecurityRules,
  now: number,
  remote?: RemoteReferenceDigester,
  attachments?: MessageAttachments,
): Promise<OpenedSecurity> {
  const header = parseSecurityHeader(envelope, element);
  const timestamp = freshTimestamp(envelope.document, header, rules, now);
  const index = IdIndex.of(envelope.document, element);
  const keys = messageKeys({ envelope, header, index }, rules);
  if (header.encryptions.length > 0) {
    if (keys === undefined) refuseWithoutKeys(envelope, header);
    if (rules.decryption !== undefined) requireBounded(envelope, rules.decryption);
    const contexts = rules.contexts && askedOnce(rules.contexts);
    const plan = await planDecryption({ envelope, header, index }, rules.suite, keys, { contexts, now });
    const state = readState(envelope, header, index, rules, remote, keys, attachments);
    const decryption = rules.decryption ?? { keys: [] };
    const { signatures, decrypted, ...opened } = await openEncrypted(
      state,
      plan,
      { ...rules, contexts, decryption },
      now,
    );
    requireAllUsed(envelope, keys);
    const plain = opened.state.envelope;
    await attachments?.parts.readAll(attachments.keepUnsigned);
    return {
      envelope: plain,
      header: opened.state.header,
      timestamp: freshTimestamp(plain.document, opened.state.header, rules, now),
      assertions: opened.state.assertions,
      signatures: withEndorsed(signatures),
      decrypted,
      attachments,
    };
  }
  const state = readState(envelope, header, index, rules, remote, keys, attachments);
  const signatures: VerifiedSignature[] = [];
  for (const syntax of state.signatures.values()) {
    signatures.push(await verifyMessageSignature(state, syntax, rules, now, 0));
  }
  if (attachments !== undefined) await attachments.parts.readAll(attachments.keepUnsigned);
  return { envelope, header, timestamp, assertions: state.assertions, signatures, decrypted: [], attachments };
}

/** The symmetric keys that a message may use; undefined where it can have none. */
function messageKeys(read: ReadHeader, { suite, decryption, known = [] }: SecurityRules): MessageKeys | undefined {
  const { encryptions, assertions } = read.header;
  const carried = decryption === undefined ? 0 : encryptions.length + assertions.length;
  if (carried + known.length === 0) return undefined;
  return new MessageKeys(read, suite, decryption ?? { keys: [] }, known);
}

/** A key that serves nothing lost what it was made for on the way. */
function requireAllUsed({ document }: UnverifiedEnvelope, { unused: [first] }: MessageKeys): void {
  if (first === undefined) return;
  refuse("ERR_WSS_INVALID_SECURITY", "the message holds an EncryptedKey that opens nothing and signs nothing", {
    place: () => document.place(first),
    rule: "BSP R3215",
    remedy: "Leave it out, or refer to it.",
  });
}

function freshTimestamp(
  document: XmlDocument,
  { timestamp }: SecurityHeaderSyntax,
  rules: SecurityRules,
  now: number,
): Timestamp | undefined {
  return timestamp === -1 ? undefined : readTimestamp(document, timestamp, rules.timestamp, now);
}

/** A source that is asked for each context once: by the signature and by the cipher text of one message. */
function askedOnce(source: ContextSource): ContextSource {
  const known = new Map<string, Promise<EstablishedContext>>();
  return {
    find(name, now) {
      const key = JSON.stringify([name.identifier, name.instance]);
      const found = known.get(key) ?? source.find(name, now);
      known.set(key, found);
      return found;
    },
  };
}

/** What is decrypted is scanned anew in this thread, which nothing else can use meanwhile. */
function requireBounded({ document }: UnverifiedEnvelope, { maxOctets }: DecryptionRules): void {
  if (maxOctets === undefined || document.bytes.length <= maxOctets) return;
  refuse("ERR_WSS_INVALID_SECURITY", `a message with encrypted parts has more than ${maxOctets} octets`, {
    place: () => document.place(0),
    rule: "limits.maxEncryptedMessage",
    remedy: "Send less in one message, or leave it to TLS; raise the limit if the pause can be afforded.",
  });
}

function refuseWithoutKeys({ document }: UnverifiedEnvelope, header: SecurityHeaderSyntax): never {
  refuse("ERR_WSS_TOKEN_UNAVAILABLE", "the message is encrypted and this service has no key for that", {
    place: () => document.place(header.encryptions[0] ?? header.element),
    rule: "trust.decryption",
    remedy: "Configure the private key and its certificate, or send the message unencrypted.",
  });
}
