import type { AlgorithmSuite, Certificate, CertificateTrust } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { UnverifiedEnvelope } from "../soap/index.js";
import {
  type ContextSource,
  derivedKeyWords,
  parseDerivedKeyToken,
  parseSecurityContextToken,
} from "../tokens/context/index.js";
import {
  type AssertionIssuers,
  parseAssertion,
  type SamlVersion,
  type VerifiedAssertion,
  verifyAssertion,
} from "../tokens/saml/index.js";
import {
  checkAlgorithms,
  DocumentDigester,
  type IdIndex,
  parseSignature,
  type RemoteReferenceDigester,
  type SignatureSyntax,
} from "../xmlsec/index.js";
import type { MessageAttachments } from "./message-attachments.js";
import type { KnownKey, MessageKeys } from "./message-keys.js";
import { foreign } from "./names.js";
import type { ReadHeader } from "./read-header.js";
import type { SecurityHeaderSyntax } from "./security-header.js";
import { IncludeDigester, toRemote } from "./xop-include.js";

/** What verifying signatures and assertions needs to know of the route. */
export interface SignatureRules {
  readonly suite: AlgorithmSuite;
  /** URIs of the canonical forms allowed. */
  readonly canonicalForms: ReadonlySet<string>;
  /** Issuers whose assertions are read, by the versions of SAML that the route takes; undefined where it takes none. */
  readonly assertions: { readonly issuers: AssertionIssuers; readonly versions: ReadonlySet<SamlVersion> } | undefined;
  /** Trusts through which a signing certificate may be found. */
  readonly trusts: readonly CertificateTrust[];
  /** Certificates that a ds:KeyName may name. Default: none. */
  readonly keyNames?: ReadonlyMap<string, Certificate> | undefined;
  /** Contexts whose keys may have signed; undefined where the route takes none. */
  readonly contexts?: ContextSource | undefined;
  /** Symmetric keys that both sides know from earlier messages. Default: none. */
  readonly known?: readonly KnownKey[] | undefined;
  /** Whether a signature by a key that only the message carries is verified as proof of possession. */
  readonly possession: boolean;
}

/**
 * A message in one state of decryption: as it came, or with cipher text replaced by plaintext. Its assertions were verified;
 * its signatures are read, their algorithms are allowed, and nothing more.
 */
export interface MessageState extends ReadHeader {
  /** By their elements. */
  readonly signatures: ReadonlyMap<number, SignatureSyntax>;
  readonly assertions: readonly VerifiedAssertion[];
  readonly local: DocumentDigester;
  readonly remote: RemoteReferenceDigester | undefined;
  /** Its EncryptedKeys; undefined where nothing can be encrypted for us. */
  readonly keys: MessageKeys | undefined;
  /** Undefined for a message that is no multipart one. */
  readonly attachments: MessageAttachments | undefined;
}

/**
 * Reads the signatures and assertions of a Security header: shape, algorithms of every signature, then the signatures of
 * assertions.
 * @throws the ERR_WSS_ and ERR_TOKEN_ codes
 */
export function readState(
  envelope: UnverifiedEnvelope,
  header: SecurityHeaderSyntax,
  index: IdIndex,
  rules: SignatureRules,
  remote: RemoteReferenceDigester | undefined,
  keys: MessageKeys | undefined,
  attachments: MessageAttachments | undefined,
): MessageState {
  const { document } = envelope;
  const issuers = issuersFor(envelope, header, rules);
  checkContextTokens(envelope, header, rules, keys);
  const signatures = new Map(header.signatures.map((element) => [element, parseSignature(document, element)]));
  const parsed = header.assertions.map((assertion) => parseAssertion(document, assertion));
  const { suite, canonicalForms } = rules;
  for (const syntax of signatures.values()) checkAlgorithms(document, syntax, suite, canonicalForms);
  for (const { signature } of parsed) {
    if (signature !== undefined) checkAlgorithms(document, signature, suite, canonicalForms);
  }
  const assertions =
    issuers === undefined ? [] : parsed.map((assertion) => verifyAssertion(assertion, issuers, suite, canonicalForms));
  const local = new DocumentDigester(document);
  // An xop:Include is never signed as such: what it stands for is.
  const digester = attachments?.xop
    ? new IncludeDigester(document, attachments.parts, attachments.limits, remote ?? toRemote(local))
    : remote;
  return { envelope, header, index, signatures, assertions, local, remote: digester, keys, attachments };
}

/**
 * The issuers by which the header's assertions are verified; undefined only where it holds none.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for an assertion of a version that the route does not take
 */
function issuersFor(
  { document }: UnverifiedEnvelope,
  header: SecurityHeaderSyntax,
  { assertions: taken }: SignatureRules,
): AssertionIssuers | undefined {
  for (const element of header.assertions) {
    const version = document.name(element) === foreign.Assertion11 ? "1.1" : "2.0";
    if (taken?.versions.has(version)) continue;
    refuse("ERR_WSS_UNSUPPORTED_TOKEN", `the message carries a SAML ${version} assertion and this route takes none`, {
      place: () => document.place(element),
      rule: "accept",
      remedy: `Add a ${version === "1.1" ? "saml11" : "saml2"} alternative, or send another token.`,
    });
  }
  return taken?.issuers;
}

/** Reads every token of a conversation, also one that no signature leads to: none may ask for more than the limits. */
function checkContextTokens(
  { document }: UnverifiedEnvelope,
  { contextTokens }: SecurityHeaderSyntax,
  { contexts }: SignatureRules,
  keys: MessageKeys | undefined,
): void {
  let first: number | undefined;
  for (const token of contextTokens) {
    const derived = derivedKeyWords(document.name(token)) !== undefined;
    if (derived) parseDerivedKeyToken(document, token);
    else parseSecurityContextToken(document, token);
    // Keys are derived from those of EncryptedKeys too.
    if (!derived || keys === undefined) first ??= token;
  }
  if (first === undefined || contexts !== undefined) return;
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "the message carries a security context token and this route takes none", {
    place: () => document.place(first),
    rule: "accept",
    remedy: "Add a securityContext alternative, or send another token.",
  });
}
