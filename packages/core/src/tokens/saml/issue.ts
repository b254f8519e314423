import {
  type Certificate,
  type KeyObject,
  publicKeyInfo,
  randomId,
  sha256Hex,
  signatureUriFor,
} from "../../crypto/index.js";
import { formatDateTime, type Lifetime } from "../../time/index.js";
import { element, escapeText } from "../../xml/index.js";
import {
  saml20Namespace,
  signEnveloped,
  writeDerKeyValue,
  writeKeyInfo,
  writeRsaKeyValue,
  writeX509Data,
} from "../../xmlsec/index.js";
import { authnContextClass, confirmationUri, names } from "./names.js";

/** How the subject of an assertion to be issued is confirmed. */
export type ConfirmationContent =
  | { readonly method: "bearer" | "sender-vouches" }
  /** The key as a certificate where there is one, else as a bare public key. */
  | { readonly method: "holder-of-key"; readonly certificate: Certificate }
  | { readonly method: "holder-of-key"; readonly publicKey: KeyObject };

/** What an assertion says. */
export interface AssertionContent {
  /** The exact text of Issuer, by which relying parties know the signing key. */
  readonly issuer: string;
  readonly subject: { readonly name: string; readonly format?: string | undefined };
  /** One of these must be the relying party's. */
  readonly audience: string | readonly string[];
  /** Becomes Conditions; `created` is NotBefore. */
  readonly lifetime: Lifetime;
  /** IssueInstant, milliseconds since 1970. Default: the lifetime's `created`. */
  readonly now?: number | undefined;
  readonly confirmation: ConfirmationContent & {
    readonly recipient?: string | undefined;
    readonly inResponseTo?: string | undefined;
    /** Milliseconds since 1970, exclusive. Default: no end of its own. */
    readonly notOnOrAfter?: number | undefined;
  };
  /** Values are text; an attribute without values says only that it exists. */
  readonly attributes?: readonly AttributeContent[] | undefined;
  /** Writes an AuthnStatement. Default: none. */
  readonly authentication?: AuthenticationContent | undefined;
  /** Writes OneTimeUse. Default false. */
  readonly oneTimeUse?: boolean | undefined;
  /** The ID. Default: a fresh one with 128 random bits. */
  readonly id?: string | undefined;
}

/** An attribute of the subject. */
export interface AttributeContent {
  readonly name: string;
  readonly nameFormat?: string | undefined;
  readonly values: readonly string[];
}

/** How and when the subject was authenticated; times in milliseconds since 1970. */
export interface AuthenticationContent {
  readonly instant: number;
  /** URI. Default: unspecified. */
  readonly contextClass?: string | undefined;
  readonly sessionIndex?: string | undefined;
  readonly sessionNotOnOrAfter?: number | undefined;
}

/** Whose signature an assertion gets. */
export interface AssertionSigner {
  /** The private key. */
  readonly key: KeyObject;
  /** Put into KeyInfo as a hint for relying parties. Default: no KeyInfo. */
  readonly certificate?: Certificate | undefined;
  /** URI of the signature method. Default: the one that goes with the key, with SHA-256. */
  readonly algorithm?: string | undefined;
}

/** A signed assertion: text that stands alone. */
export interface IssuedAssertion {
  readonly xml: string;
  readonly id: string;
  /** SHA-256 of the text, hexadecimal, for audit. */
  readonly digest: string;
}

/**
 * Writes and signs an assertion (SAML 2.0 core sections 2.3.3 and 5.4). Every value is escaped; the text is canonical.
 * @throws ConfigurationError for characters that XML does not have
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the key does not go with the algorithm
 */
export function issueAssertion(
  content: AssertionContent,
  { key, certificate, algorithm = signatureUriFor(key) }: AssertionSigner,
): IssuedAssertion {
  const { issuer, lifetime, now = lifetime.created, id = randomId() } = content;
  const unsigned = element(
    "saml2:Assertion",
    { "xmlns:saml2": saml20Namespace, ID: id, IssueInstant: formatDateTime(now), Version: "2.0" },
    element("saml2:Issuer", {}, escapeText(issuer)),
    writeSubject(content),
    writeConditions(content),
    content.authentication === undefined ? "" : writeAuthnStatement(content.authentication),
    writeAttributes(content.attributes ?? []),
  );
  const keyInfo = certificate && writeKeyInfo(writeX509Data({ certificates: [certificate.der] }));
  const xml = signEnveloped(unsigned, { elementId: id, behind: names.issuer, key, algorithm, keyInfo });
  return { xml, id, digest: sha256Hex(xml) };
}

function writeSubject({ subject, confirmation }: AssertionContent): string {
  const { recipient, inResponseTo, notOnOrAfter } = confirmation;
  const limits = present({
    InResponseTo: inResponseTo,
    NotOnOrAfter: notOnOrAfter === undefined ? undefined : formatDateTime(notOnOrAfter),
    Recipient: recipient,
  });
  const keyInfo = confirmation.method === "holder-of-key" ? writeKeyInfo(writeKey(confirmation)) : "";
  const data =
    keyInfo === "" && Object.keys(limits).length === 0 ? "" : element("saml2:SubjectConfirmationData", limits, keyInfo);
  return element(
    "saml2:Subject",
    {},
    element("saml2:NameID", present({ Format: subject.format }), escapeText(subject.name)),
    element("saml2:SubjectConfirmation", { Method: confirmationUri[confirmation.method] }, data),
  );
}

/** RSA keys by modulus and exponent, which every peer reads; others as SubjectPublicKeyInfo. */
function writeKey(confirmation: Extract<ConfirmationContent, { method: "holder-of-key" }>): string {
  if ("certificate" in confirmation) return writeX509Data({ certificates: [confirmation.certificate.der] });
  const { publicKey } = confirmation;
  const { n, e } = publicKey.export({ format: "jwk" });
  if (n !== undefined && e !== undefined)
    return writeRsaKeyValue(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  return writeDerKeyValue(publicKeyInfo(publicKey));
}

function writeConditions({ lifetime, audience, oneTimeUse = false }: AssertionContent): string {
  const audiences = typeof audience === "string" ? [audience] : audience;
  return element(
    "saml2:Conditions",
    { NotBefore: formatDateTime(lifetime.created), NotOnOrAfter: formatDateTime(lifetime.expires) },
    element("saml2:AudienceRestriction", {}, ...audiences.map((one) => element("saml2:Audience", {}, escapeText(one)))),
    oneTimeUse ? element("saml2:OneTimeUse", {}) : "",
  );
}

function writeAuthnStatement({
  instant,
  contextClass,
  sessionIndex,
  sessionNotOnOrAfter,
}: AuthenticationContent): string {
  const classRef = element("saml2:AuthnContextClassRef", {}, escapeText(contextClass ?? authnContextClass.unspecified));
  return element(
    "saml2:AuthnStatement",
    present({
      AuthnInstant: formatDateTime(instant),
      SessionIndex: sessionIndex,
      SessionNotOnOrAfter: sessionNotOnOrAfter === undefined ? undefined : formatDateTime(sessionNotOnOrAfter),
    }),
    element("saml2:AuthnContext", {}, classRef),
  );
}

function writeAttributes(attributes: readonly AttributeContent[]): string {
  if (attributes.length === 0) return "";
  const written = attributes.map(({ name, nameFormat, values }) =>
    element(
      "saml2:Attribute",
      present({ Name: name, NameFormat: nameFormat }),
      ...values.map((value) => element("saml2:AttributeValue", {}, escapeText(value))),
    ),
  );
  return element("saml2:AttributeStatement", {}, ...written);
}

function present(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
