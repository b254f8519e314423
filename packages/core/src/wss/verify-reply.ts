import { type AlgorithmSuite, type Certificate, createCertificateTrust, defaultSuite } from "../crypto/index.js";
import { type CountersignError, isRefusal, refuse } from "../errors/index.js";
import { forEachBlock, parseEnvelope } from "../soap/index.js";
import { type Clock, defaultFreshness, systemClock } from "../time/index.js";
import type { ContextSource } from "../tokens/context/index.js";
import { scan, type XmlLimits } from "../xml/index.js";
import { defaultCanonicalForms } from "../xmlsec/index.js";
import { checkConfirmations } from "./confirmations.js";
import type { DecryptionKey } from "./decryption-keys.js";
import { requireEncrypted } from "./encrypted-parts.js";
import type { KnownKey } from "./message-keys.js";
import type { EncryptedPart, MessagePart, ReplyPart } from "./message-part.js";
import { createVerifiedMessage, type ProtectedPart, transportPart } from "./message-view.js";
import { type OpenedSecurity, openSecurity } from "./open.js";
import { type Coverage, coverageOf } from "./parts.js";
import { findSecurityHeader } from "./security-header.js";
import type { TimestampRules } from "./timestamp.js";
import type { VerifiedMessage } from "./verified-message.js";

/** What a requestor demands of a reply. */
export interface VerifyReplyOptions {
  /** Certificates whose signatures count; a key in the message is only a hint. */
  readonly certificates?: readonly Certificate[] | undefined;
  /** The contexts whose keys count too, and may have encrypted. */
  readonly contexts?: ContextSource | undefined;
  /** Symmetric keys that went with the request, which the reply may be signed and encrypted under. */
  readonly known?: readonly KnownKey[] | undefined;
  /** Parts that one of those signatures must cover together; `"transport"`: TLS vouches for the whole, and what is signed must still verify. */
  readonly required: readonly MessagePart[] | "transport";
  /** SignatureValues of the request, which the reply must confirm under its own signature. Default: not checked. */
  readonly confirm?: readonly Uint8Array[] | undefined;
  /** Keys that the reply may be encrypted for. Default none: then an encrypted reply is refused. */
  readonly decryption?: readonly DecryptionKey[] | undefined;
  /** Parts that must come encrypted. Default none. */
  readonly encrypted?: readonly EncryptedPart[] | undefined;
  readonly actor?: string | undefined;
  readonly timestamp?: TimestampRules | undefined;
  readonly clock?: Clock | undefined;
  readonly suite?: AlgorithmSuite | undefined;
  readonly limits?: XmlLimits | undefined;
}

/**
 * Verifies a SOAP reply against pinned certificates, or as far as the transport vouches for it.
 * @throws the ERR_XML_, ERR_SOAP_, ERR_WSS_ and ERR_POLICY_ codes
 */
export async function verifyReply(octets: Uint8Array, options: VerifyReplyOptions): Promise<VerifiedMessage> {
  const { certificates = [], contexts, known, required, confirm, encrypted = [], decryption } = options;
  const { clock = systemClock } = options;
  const overTransport = required === "transport";
  const envelope = parseEnvelope(scan(Buffer.from(octets), options.limits));
  const element = findSecurityHeader(envelope, options.actor);
  if (element === -1) {
    if (!overTransport || confirm !== undefined) refuseUnsigned();
    if (encrypted.length > 0) refuseUnencrypted();
    const blocks: ProtectedPart[] = [];
    forEachBlock(envelope, (block) => blocks.push(transportPart(block)));
    return createVerifiedMessage(envelope, transportPart(envelope.body), blocks);
  }
  const rules = {
    suite: options.suite ?? defaultSuite,
    canonicalForms: defaultCanonicalForms,
    timestamp: options.timestamp ?? { ...defaultFreshness, requireExpires: false },
    assertions: undefined,
    trusts: certificates.length === 0 ? [] : [createCertificateTrust({ certificates }, "certificates")],
    contexts,
    known,
    possession: false,
    decryption:
      decryption || contexts || known
        ? { keys: decryption ?? [], actor: options.actor, limits: options.limits }
        : undefined,
  };
  const opened = await openSecurity(envelope, element, rules, clock.now());
  const parts = overTransport ? [] : required;
  const coverage = bestCoverage(opened, confirm === undefined ? parts : [...parts, "confirmations"], overTransport);
  if (confirm !== undefined) checkConfirmations(opened.envelope.document, opened.header.confirmations, confirm);
  requireEncrypted(opened, { encrypted }, undefined);
  return createVerifiedMessage(opened.envelope, coverage.body, coverage.headers);
}

/**
 * Coverage by the first signature that satisfies, of those made with a pinned certificate or under a context or key that the
 * requestor knew before: anybody can send a key encrypted for us, and sign with it.
 */
function bestCoverage(opened: OpenedSecurity, parts: readonly ReplyPart[], overTransport: boolean): Coverage {
  const [first, ...others] = opened.signatures.filter(
    ({ signer }) => signer.kind !== "encrypted-key" || signer.source.known,
  );
  if (first === undefined) {
    if (!overTransport || parts.length > 0) refuseUnsigned();
    return coverageOf(opened, parts, undefined, true);
  }
  let refusal: CountersignError | undefined;
  for (const signature of [first, ...others]) {
    try {
      return coverageOf(opened, parts, signature, overTransport);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function refuseUnencrypted(): never {
  refuse("ERR_POLICY_PART_UNPROTECTED", "the reply is not encrypted", {
    rule: "reply.encrypted",
    remedy: "Let the service encrypt its replies (reply.encrypt), or do not demand it.",
  });
}

function refuseUnsigned(): never {
  refuse("ERR_POLICY_TOKEN_REQUIRED", "the reply is not signed", {
    rule: "reply.signed",
    remedy: "Let the service sign its replies (reply.sign), or do not demand it.",
  });
}
