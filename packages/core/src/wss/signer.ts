import { Certificate, type CertificateReference, type CertificateTrust, type KeyObject } from "../crypto/index.js";
import { type CountersignError, isRefusal, refuse } from "../errors/index.js";
import type { ContextSource } from "../tokens/context/index.js";
import type { SamlVersion, VerifiedAssertion } from "../tokens/saml/index.js";
import { parseBinarySecurityToken } from "../tokens/x509/index.js";
import type { XmlDocument } from "../xml/index.js";
import {
  IdIndex,
  type KeyInfoSyntax,
  type TokenReferenceSyntax,
  type TokenReferenceTarget,
  valueTypes,
  type X509DataSyntax,
} from "../xmlsec/index.js";
import { type ContextKey, contextKey } from "./context-key.js";
import type { MessageKeys } from "./message-keys.js";
import { foreign, wsse } from "./names.js";
import type { ReadHeader } from "./read-header.js";
import {
  type AssertionSigner,
  assertionSigner,
  type EncryptedKeySigner,
  encryptedKeySigner,
  namedKeyOf,
  requireNoDerivation,
} from "./symmetric-key.js";

/** Whose key made a signature: found through configured trust or a verified assertion, never taken from the message alone. */
export type Signer =
  | {
      readonly kind: "certificate";
      readonly key: KeyObject;
      readonly certificate: Certificate;
      readonly path: readonly Certificate[];
    }
  | AssertionSigner
  /** The key is that of an established context, or was derived from it by `derivation`. */
  | ContextKey
  /** The key came encrypted for us, from somebody: it ties together what is signed with it, and grants nothing. */
  | EncryptedKeySigner
  /** The key came with the message and nobody vouches for it: it proves possession, and grants nothing. */
  | { readonly kind: "possession"; readonly key: KeyObject; readonly certificate: Certificate | undefined };

/** Where signers may be found. */
export interface SignerSources {
  readonly document: XmlDocument;
  /** The Security header whose tokens may be referred to. */
  readonly header: number;
  /** Element of an id that stands in the header, or of a SecurityTokenReference wherever it stands; -1 where there is none. */
  readonly elementById: (id: string) => number;
  readonly assertions: readonly VerifiedAssertion[];
  readonly trusts: readonly CertificateTrust[];
  /** Certificates that a ds:KeyName may name; they are trusted as any other. Default: none. */
  readonly keyNames?: ReadonlyMap<string, Certificate> | undefined;
  /** Default: none. */
  readonly contexts?: ContextSource | undefined;
  /** EncryptedKeys of the message; undefined where nothing can be encrypted for us. */
  readonly keys?: MessageKeys | undefined;
  /** What assertions with symmetric keys are read in. Default: they are not taken. */
  readonly state?: ReadHeader | undefined;
  readonly possession: boolean;
  readonly now: number;
}

/**
 * Finds the signer that a KeyInfo hints at (WS-Security 1.1 sections 7 and 8). BSP R5402 wants one SecurityTokenReference
 * and nothing else. Where there is one it must stand alone, or two readers could choose two keys. Where there is none, a
 * bare ds:X509Data or key value is taken, as several stacks send it: it is a hint like any other and grants nothing.
 * @throws ERR_WSS_INVALID_SECURITY for a SecurityTokenReference beside other hints
 * @throws ERR_WSS_TOKEN_UNAVAILABLE where the hint leads to nothing in the message, ERR_WSS_FAILED_CHECK or
 * ERR_WSS_INVALID_TOKEN where it leads to a certificate that nobody here trusts, ERR_WSS_INVALID_TOKEN where it leads to an assertion without a key
 */
export function findSigner(
  keyInfo: KeyInfoSyntax | undefined,
  element: number,
  sources: SignerSources,
): Signer | Promise<Signer> {
  const unavailable = (reason: string): never =>
    refuse("ERR_WSS_TOKEN_UNAVAILABLE", reason, {
      place: () => sources.document.place(element),
      rule: "WS-Security 1.1, 7",
      remedy: "Refer to a token in the message, or to a certificate that this service was configured with.",
    });
  if (keyInfo === undefined) return unavailable("the signature names no key");
  requireOneReference(keyInfo, sources);
  const { tokenReference } = keyInfo;
  const named = tokenReference && namedKeyOf(tokenReference, sources);
  if (named?.kind === "context") return contextKey(named, sources);
  if (named?.kind === "encrypted-key") return encryptedKeySigner(named.source, named.derivation);
  if (named !== undefined) {
    const { keys, state } = sources;
    if (keys === undefined || state === undefined) return unavailable("nothing can be encrypted for this service");
    requireSaidVersion(tokenReference, named.assertion, unavailable);
    return assertionSigner(named, keys, state);
  }
  requireNoDerivation(tokenReference, sources);
  const reference = tokenReference?.target ?? x509Reference(keyInfo);
  if (reference !== undefined) {
    const found = fromReference(reference, keyInfo.element, sources, unavailable);
    if (!(found instanceof Promise) && found.kind === "assertion") {
      requireSaidVersion(tokenReference, found.assertion, unavailable);
    }
    return found;
  }
  if (keyInfo.keyValue !== undefined) return fromKey(keyInfo.keyValue.key, sources, unavailable);
  const [name, another] = keyInfo.keyNames;
  const certificate = name !== undefined && another === undefined ? sources.keyNames?.get(name) : undefined;
  if (certificate !== undefined) return fromCertificates([certificate], sources);
  return unavailable("the signature names its key in a way that finds none here");
}

function requireSaidVersion(
  reference: TokenReferenceSyntax | undefined,
  { version }: VerifiedAssertion,
  unavailable: (reason: string) => never,
): void {
  const said = reference?.tokenType && samlVersions.get(reference.tokenType);
  if (said && version !== said) unavailable(`the referenced token is not of SAML ${said}, as the reference says`);
}

/** The versions that a TokenType names (SAML Token Profile 1.1 section 3.4). */
const samlVersions: ReadonlyMap<string, SamlVersion> = new Map([
  [valueTypes.saml11Token, "1.1"],
  [valueTypes.saml20Token, "2.0"],
]);

function requireOneReference(
  { element, tokenReference, x509Data, keyNames, keyValue }: KeyInfoSyntax,
  { document }: SignerSources,
): void {
  if (tokenReference === undefined || (x509Data.length === 0 && keyNames.length === 0 && keyValue === undefined))
    return;
  refuse("ERR_WSS_INVALID_SECURITY", "the ds:KeyInfo names its key in several ways", {
    place: () => document.place(element),
    rule: "BSP R5402",
    remedy: "Leave the wsse:SecurityTokenReference alone in ds:KeyInfo.",
  });
}

const x509Reference = ({ x509Data: [first] }: KeyInfoSyntax): TokenReferenceTarget | undefined =>
  first && { kind: "x509Data", x509Data: first };

function fromReference(
  reference: TokenReferenceTarget,
  at: number,
  sources: SignerSources,
  unavailable: (reason: string) => never,
): Signer | Promise<Signer> {
  switch (reference.kind) {
    case "direct": {
      const id = IdIndex.fragment(sources.document, at, reference.uri);
      if (id === undefined) return unavailable(`the token "${reference.uri.slice(0, 128)}" is not in the message`);
      return fromToken(sources.elementById(id), sources, unavailable);
    }
    case "embedded":
      return fromToken(reference.token, sources, unavailable);
    case "samlAssertionId":
      return fromAssertion(
        sources.assertions.find(({ id, version }) => id === reference.id && version === reference.version),
        sources,
        unavailable,
      );
    case "subjectKeyIdentifier":
      return fromConfigured({ subjectKeyIdentifier: reference.value }, at, sources);
    case "thumbprintSha1":
      return fromConfigured({ thumbprintSha1: reference.value }, at, sources);
    case "encryptedKeySha1":
      return unavailable("no EncryptedKey with this SHA-1 is in the message or known from an earlier one");
    case "x509Data":
      return fromX509Data(reference.x509Data, at, sources, unavailable);
  }
}

function fromToken(
  element: number,
  sources: SignerSources,
  unavailable: (reason: string) => never,
): Signer | Promise<Signer> {
  const { document, header } = sources;
  if (element === -1) return unavailable("the referenced token is not in our Security header");
  const name = document.name(element);
  if (name === wsse.SecurityTokenReference) {
    refuse("ERR_WSS_INVALID_SECURITY", "a reference to a token leads to another reference", {
      place: () => document.place(element),
      rule: "BSP R3057",
      remedy: "Refer to the token itself.",
    });
  }
  if (name === wsse.BinarySecurityToken) {
    return fromCertificates(parseBinarySecurityToken(document, element).certificates, sources);
  }
  if ((name === foreign.Assertion || name === foreign.Assertion11) && document.parent(element) === header) {
    return fromAssertion(
      sources.assertions.find((assertion) => assertion.element === element),
      sources,
      unavailable,
    );
  }
  return unavailable(`the referenced ${document.qualifiedName(element)} is not a token that holds a key`);
}

function fromAssertion(
  assertion: VerifiedAssertion | undefined,
  { document }: SignerSources,
  unavailable: (reason: string) => never,
): Signer {
  if (assertion === undefined) return unavailable("the referenced assertion is not in our Security header");
  const key = assertion.holderOfKey[0];
  if (key === undefined) {
    refuse("ERR_WSS_INVALID_TOKEN", "the assertion that the signature refers to confirms no key", {
      place: () => document.place(assertion.element),
      rule: "SAML Token Profile 1.1, 3.5.1",
      remedy: "Have the issuer confirm the subject by holder-of-key, or sign with another key.",
    });
  }
  return { kind: "assertion", key, assertion };
}

function fromX509Data(
  data: X509DataSyntax,
  at: number,
  sources: SignerSources,
  unavailable: (reason: string) => never,
): Signer | Promise<Signer> {
  if (data.certificates.length > 0)
    return fromCertificates(
      data.certificates.map((der) => Certificate.parse(der)),
      sources,
    );
  if (data.issuerSerial !== undefined) return fromConfigured(data.issuerSerial, at, sources);
  if (data.subjectKeyIdentifier !== undefined) {
    return fromConfigured({ subjectKeyIdentifier: data.subjectKeyIdentifier }, at, sources);
  }
  return unavailable("the ds:X509Data names no certificate in a way that finds one here");
}

/** @throws ERR_WSS_FAILED_CHECK where nobody who is trusted here has the identifier: the signer is a stranger */
function fromConfigured(reference: CertificateReference, at: number, sources: SignerSources): Signer | Promise<Signer> {
  const { document, trusts, now } = sources;
  for (const trust of trusts) {
    const certificate = trust.find(reference, now);
    if (certificate !== undefined) return fromCertificates([certificate], sources);
  }
  refuse("ERR_WSS_FAILED_CHECK", "no certificate that this service was configured with has this identifier", {
    place: () => document.place(at),
    rule: "trust",
    remedy: "Name the certificate in trust.certificates, or send it with the message.",
  });
}

/** A bare key names an assertion that confirms it, or a listed certificate that has it; by itself it is nobody's. */
function fromKey(
  key: KeyObject,
  sources: SignerSources,
  unavailable: (reason: string) => never,
): Signer | Promise<Signer> {
  const assertion = confirming(key, sources);
  if (assertion !== undefined) return { kind: "assertion", key, assertion };
  const listed = sources.trusts.flatMap(({ certificates }) =>
    certificates.filter(({ publicKey }) => publicKey.equals(key)),
  );
  const certificate = listed.find((one) => one.isValidAt(sources.now, 0)) ?? listed[0];
  if (certificate !== undefined) return fromCertificates([certificate], sources);
  if (sources.possession) return { kind: "possession", key, certificate: undefined };
  return unavailable("a bare key in the message is nobody's");
}

/** An assertion that confirms the key vouches for it; otherwise one of the configured trusts must. */
function fromCertificates(path: readonly Certificate[], sources: SignerSources): Signer | Promise<Signer> {
  const certificate = path[0];
  if (certificate === undefined) refuse("ERR_WSS_INVALID_TOKEN", "the token holds no certificate");
  const assertion = confirming(certificate.publicKey, sources);
  if (assertion !== undefined) return { kind: "assertion", key: certificate.publicKey, assertion };
  return fromTrusts(certificate, path, sources);
}

async function fromTrusts(
  certificate: Certificate,
  path: readonly Certificate[],
  sources: SignerSources,
): Promise<Signer> {
  let first: CountersignError | undefined;
  for (const trust of sources.trusts) {
    try {
      await trust.validate(path, sources.now);
      return { kind: "certificate", key: certificate.publicKey, certificate, path };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      first ??= error;
    }
  }
  if (sources.possession) return { kind: "possession", key: certificate.publicKey, certificate };
  if (first !== undefined) throw first;
  refuse(
    "ERR_WSS_FAILED_CHECK",
    "the signing certificate is not trusted here: no certificate and no authority is configured",
    {
      rule: "trust",
      remedy: "Name the certificate in trust.certificates, or its authority in trust.authorities.",
    },
  );
}

const confirming = (key: KeyObject, { assertions }: SignerSources): VerifiedAssertion | undefined =>
  assertions.find((assertion) => assertion.holderOfKey.some((held) => held.equals(key)));
