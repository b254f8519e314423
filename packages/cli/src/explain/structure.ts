import type { GuardOptions } from "@countersign/core";
import { type CountersignError, isCountersignError } from "@countersign/core";
import {
  checkAlgorithms,
  defaultLimits,
  defaultSuite,
  findSecurityHeader,
  IdIndex,
  parseAssertion,
  parseBinarySecurityToken,
  parseEnvelope,
  parseSecurityHeader,
  parseSignature,
  parseUsernameToken,
  type ReferenceTarget,
  resolveReferences,
  type SecurityHeaderSyntax,
  type SignatureSyntax,
  scan,
  type UnverifiedEnvelope,
  type XmlDocument,
} from "@countersign/core/inspect";

/** A message signature as it stands there. */
export interface SignatureView {
  readonly syntax: SignatureSyntax;
  /** What its References lead to; empty where one leads nowhere. */
  readonly targets: readonly ReferenceTarget[];
}

/** What can be said of a message without trusting anybody. Nothing in it is verified. */
export interface Structure {
  readonly document: XmlDocument | undefined;
  readonly envelope: UnverifiedEnvelope | undefined;
  readonly security: SecurityHeaderSyntax | undefined;
  readonly signatures: readonly SignatureView[];
  /** The first thing that is wrong whoever is trusted. */
  readonly fault: CountersignError | undefined;
}

/**
 * Reads a message as far as it can be read, with the functions that a guard reads it with and in their order. Algorithms are
 * held against the default suite.
 */
export function readStructure(octets: Uint8Array, options: Pick<GuardOptions, "limits" | "soap"> = {}): Structure {
  let fault: CountersignError | undefined;
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!isCountersignError(error)) throw error;
      fault ??= error;
      return undefined;
    }
  };
  const document = attempt(() =>
    scan(Buffer.from(octets), { ...defaultLimits, ...options.limits } as typeof defaultLimits),
  );
  const envelope = document && attempt(() => parseEnvelope(document));
  const header = envelope && attempt(() => findSecurityHeader(envelope, options.soap?.actor));
  if (document === undefined || envelope === undefined || header === undefined || header === -1) {
    return { document, envelope, security: undefined, signatures: [], fault };
  }
  const security = attempt(() => parseSecurityHeader(envelope, header));
  const index = attempt(() => IdIndex.of(document, header));
  const signatures: SignatureView[] = [];
  for (const element of security?.signatures ?? []) {
    const syntax = attempt(() => parseSignature(document, element));
    if (syntax === undefined) continue;
    attempt(() => checkAlgorithms(document, syntax, defaultSuite));
    signatures.push({ syntax, targets: (index && attempt(() => resolveReferences(document, syntax, index))) ?? [] });
  }
  for (const element of security?.assertions ?? []) attempt(() => parseAssertion(document, element));
  for (const element of security?.usernameTokens ?? []) attempt(() => parseUsernameToken(document, element));
  for (const element of security?.binaryTokens ?? []) attempt(() => parseBinarySecurityToken(document, element));
  return { document, envelope, security, signatures, fault };
}
