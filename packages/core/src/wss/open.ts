import { type AlgorithmSuite, type CertificateTrust, sha256 } from "../crypto/index.js";
import { isRefusal, placed, refuse } from "../errors/index.js";
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
import type { CanonicalForm } from "../xml/index.js";
import {
  checkAlgorithms,
  DocumentDigester,
  IdIndex,
  parseSignature,
  type RemoteReferenceDigester,
  resolveReferences,
  type SignatureSyntax,
  verifySignature,
  verifySignatureRemotely,
} from "../xmlsec/index.js";
import { foreign, wsse } from "./names.js";
import { parseSecurityHeader, type SecurityHeaderSyntax } from "./security-header.js";
import { findSigner, type Signer, type SignerSources } from "./signer.js";
import { readTimestamp, type Timestamp, type TimestampRules } from "./timestamp.js";
import type { Protection } from "./verified-message.js";

/** What opening a Security header needs to know of the route. */
export interface SecurityRules {
  readonly suite: AlgorithmSuite;
  /** URIs of the canonical forms allowed. */
  readonly canonicalForms: ReadonlySet<string>;
  readonly timestamp: TimestampRules;
  /** Issuers whose assertions are read, by the versions of SAML that the route takes; undefined where it takes none. */
  readonly assertions: { readonly issuers: AssertionIssuers; readonly versions: ReadonlySet<SamlVersion> } | undefined;
  /** Trusts through which a signing certificate may be found. */
  readonly trusts: readonly CertificateTrust[];
  /** Contexts whose keys may have signed; undefined where the route takes none. */
  readonly contexts?: ContextSource | undefined;
  /** Whether a signature by a key that only the message carries is verified as proof of possession. */
  readonly possession: boolean;
}

/** A signature that was verified with the key of a known signer. */
export interface VerifiedSignature {
  readonly syntax: SignatureSyntax;
  readonly signer: Signer;
  /** The elements that it covers where they stand, each with the canonical form of its Reference. */
  readonly targets: readonly { readonly element: number; readonly form: CanonicalForm }[];
  /** The tokens that it covers through an STR-Transform: by what they say, not by where they stand. */
  readonly tokens: readonly number[];
  /** SHA-256 of the canonical SignedInfo: with the signer's key, what a replay is recognised by. */
  readonly signedInfoDigest: Buffer;
  readonly protection: Protection;
}

/** A Security header of which every signature was verified and every time is fresh. */
export interface OpenedSecurity {
  readonly envelope: UnverifiedEnvelope;
  readonly header: SecurityHeaderSyntax;
  readonly timestamp: Timestamp | undefined;
  readonly assertions: readonly VerifiedAssertion[];
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Opens our Security header in the order of dependency: shape and freshness, algorithms of every signature, assertion
 * signatures, then message signatures with keys of configured trust or of those assertions. Every signature verifies, or
 * the message is refused.
 * @param element The Security header that `findSecurityHeader` found.
 * @param remote Computes digests elsewhere, for documents that a worker holds.
 * @throws the ERR_WSS_ and ERR_TOKEN_ codes
 */
export async function openSecurity(
  envelope: UnverifiedEnvelope,
  element: number,
  rules: SecurityRules,
  now: number,
  remote?: RemoteReferenceDigester,
): Promise<OpenedSecurity> {
  const { document } = envelope;
  const header = parseSecurityHeader(envelope, element);
  const timestamp =
    header.timestamp === -1 ? undefined : readTimestamp(document, header.timestamp, rules.timestamp, now);
  const issuers = issuersFor(envelope, header, rules);
  checkContextTokens(envelope, header, rules);
  const index = IdIndex.of(document, element);
  const syntaxes = header.signatures.map((signature) => parseSignature(document, signature));
  const parsed = header.assertions.map((assertion) => parseAssertion(document, assertion));
  const { suite, canonicalForms } = rules;
  for (const syntax of syntaxes) checkAlgorithms(document, syntax, suite, canonicalForms);
  for (const { signature } of parsed) {
    if (signature !== undefined) checkAlgorithms(document, signature, suite, canonicalForms);
  }
  const assertions =
    issuers === undefined ? [] : parsed.map((assertion) => verifyAssertion(assertion, issuers, suite, canonicalForms));
  const opening: Opening = {
    envelope,
    header,
    index,
    assertions,
    rules,
    now,
    local: new DocumentDigester(document),
    remote,
  };
  const signatures: VerifiedSignature[] = [];
  for (const syntax of syntaxes) signatures.push(await verifyMessageSignature(opening, syntax));
  return { envelope, header, timestamp, assertions, signatures };
}

/** What the signatures of one header share while they are verified. */
interface Opening {
  readonly envelope: UnverifiedEnvelope;
  readonly header: SecurityHeaderSyntax;
  readonly index: IdIndex;
  readonly assertions: readonly VerifiedAssertion[];
  readonly rules: SecurityRules;
  readonly now: number;
  readonly local: DocumentDigester;
  readonly remote: RemoteReferenceDigester | undefined;
}

/**
 * The issuers by which the header's assertions are verified; undefined only where it holds none.
 * @throws ERR_WSS_UNSUPPORTED_TOKEN for an assertion of a version that the route does not take
 */
function issuersFor(
  { document }: UnverifiedEnvelope,
  header: SecurityHeaderSyntax,
  { assertions: taken }: SecurityRules,
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
  { contexts }: SecurityRules,
): void {
  for (const token of contextTokens) {
    if (derivedKeyWords(document.name(token)) === undefined) parseSecurityContextToken(document, token);
    else parseDerivedKeyToken(document, token);
  }
  const [first] = contextTokens;
  if (first === undefined || contexts !== undefined) return;
  refuse("ERR_WSS_UNSUPPORTED_TOKEN", "the message carries a security context token and this route takes none", {
    place: () => document.place(first),
    rule: "accept",
    remedy: "Add a securityContext alternative, or send another token.",
  });
}

async function verifyMessageSignature(opening: Opening, syntax: SignatureSyntax): Promise<VerifiedSignature> {
  const { envelope, header, index, assertions, rules, now, local, remote } = opening;
  const { document } = envelope;
  const { trusts, possession, suite, contexts } = rules;
  const targets = resolveReferences(document, syntax, index);
  const elementById = (id: string) => {
    const found = index.find(id);
    const known =
      found !== -1 &&
      (document.parent(found) === header.element || document.name(found) === wsse.SecurityTokenReference);
    return known ? found : -1;
  };
  const sources = { document, header: header.element, elementById, assertions, trusts, contexts, possession, now };
  const signer = await signerOf(syntax, sources);
  const { signedInfo, references } =
    remote === undefined
      ? verifySignature(document, syntax, signer.key, targets, local, suite)
      : await verifySignatureRemotely(document, syntax, signer.key, targets, remote, suite);
  const covered = references.filter(({ element, without }) => element !== -1 && without === -1);
  return {
    syntax,
    signer,
    targets: covered.filter(({ tokenReference }) => tokenReference === undefined),
    tokens: covered.filter(({ tokenReference }) => tokenReference !== undefined).map(({ element }) => element),
    signedInfoDigest: sha256(signedInfo),
    protection: { by: "signature", signer: describe(signer), algorithm: syntax.algorithmUri },
  };
}

/** What is wrong with a certificate alone is told at the signature that it was meant for. */
async function signerOf({ keyInfo, element }: SignatureSyntax, sources: SignerSources): Promise<Signer> {
  try {
    return await findSigner(keyInfo, element, sources);
  } catch (error) {
    throw isRefusal(error) ? placed(error, () => sources.document.place(element)) : error;
  }
}

function describe(signer: Signer): string {
  if (signer.kind === "certificate") return signer.certificate.subject;
  if (signer.kind === "context") return signer.context.subject.principal.name;
  return signer.kind === "assertion" ? signer.assertion.issuer : "possession";
}
