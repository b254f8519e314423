import { encodeBase64, type KeyRing, keyDigest, randomId, sha256Hex, signatureUriFor } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import { formatDateTime } from "../../time/index.js";
import { element, escapeText } from "../../xml/index.js";
import { saml20Namespace, signEnveloped, writeKeyInfo, writeX509Data } from "../../xmlsec/index.js";
import { type AssertionSigner, attributeNameFormat, confirmationUri20, writeConfirmationKey } from "../saml/index.js";
import { assertionPurpose, sealedMembers, type TicketAssertionContent, type TicketKey } from "./content.js";
import { names, sealedConfirmation, ticketAttribute } from "./names.js";
import { encodeText, sealMembers } from "./sealed-members.js";

/** How a session ticket assertion is made. */
export interface TicketAssertionOptions {
  /** The agent's keys: whoever holds one of them can read and make assertions. */
  readonly ring: KeyRing;
  readonly tenant: string;
  /** The subject's key. Default: none; then the assertion holds only where no signature is demanded. */
  readonly key?: TicketKey | undefined;
  /** Hides the key in the sealed part. Default false: it stands in clear too, as ds:KeyInfo. */
  readonly encryptKey?: boolean | undefined;
  /**
   * Whose signature it gets; `"unsigned"` leaves it to the sealed part alone, which the holders of the ring can check and
   * nobody else.
   */
  readonly sign: AssertionSigner | "unsigned";
  /** The ID. Default: a fresh one with 128 random bits. */
  readonly id?: string | undefined;
}

/** A session ticket assertion: text that stands alone. */
export interface IssuedTicketAssertion {
  /** For the Security header of an envelope. */
  readonly xml: string;
  /** For an HTTP header or a cookie: the XML in base64url without padding. */
  readonly encoded: string;
  readonly id: string;
  /** SHA-256 of the XML, hexadecimal, for audit. */
  readonly digest: string;
  /** SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal. */
  readonly thumbprint: string | undefined;
}

/**
 * Writes a session ticket assertion, version 1: a SAML 2.0 assertion (core section 2.3.3) whose one attribute holds the
 * sealed ticket, together with everything else that the assertion says.
 * @throws ConfigurationError for characters that XML does not have
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the signing key does not go with its algorithm
 * @throws ERR_INTERNAL without audience: a mistake of the caller
 */
export function issueTicketAssertion(
  content: TicketAssertionContent,
  options: TicketAssertionOptions,
): IssuedTicketAssertion {
  const { ring, tenant, key, encryptKey = false, sign, id = randomId() } = options;
  if (content.audience.length === 0) refuse("ERR_INTERNAL", "a session ticket assertion without audience");
  const thumbprint = key && keyDigest(key.key).toString("hex");
  const members = sealedMembers(content, id, key, thumbprint, encryptKey);
  const sealed = sealMembers(ring, members, assertionPurpose, tenant);
  const unsigned = write(content, id, encryptKey ? undefined : key, encodeBase64(sealed));
  const xml = sign === "unsigned" ? unsigned : signed(unsigned, id, sign);
  return { xml, encoded: encodeText(Buffer.from(xml)), id, digest: sha256Hex(xml), thumbprint };
}

function signed(xml: string, id: string, signer: AssertionSigner): string {
  const { key, certificate, algorithm = signatureUriFor(key) } = signer;
  const keyInfo = certificate && writeKeyInfo(writeX509Data({ certificates: [certificate.der] }));
  return signEnveloped(xml, { elementId: id, behind: names.issuer, key, algorithm, keyInfo });
}

function write(content: TicketAssertionContent, id: string, key: TicketKey | undefined, sealed: string): string {
  const { issuer, audience, lifetime } = content;
  const created = formatDateTime(lifetime.created);
  return element(
    "saml2:Assertion",
    { "xmlns:saml2": saml20Namespace, ID: id, IssueInstant: created, Version: "2.0" },
    element("saml2:Issuer", {}, escapeText(issuer)),
    writeSubject(content.subject, key),
    element(
      "saml2:Conditions",
      { NotBefore: created, NotOnOrAfter: formatDateTime(lifetime.expires) },
      element(
        "saml2:AudienceRestriction",
        {},
        ...audience.map((one) => element("saml2:Audience", {}, escapeText(one))),
      ),
    ),
    element(
      "saml2:AttributeStatement",
      {},
      element(
        "saml2:Attribute",
        { Name: ticketAttribute, NameFormat: attributeNameFormat.uri },
        element("saml2:AttributeValue", {}, sealed),
      ),
    ),
  );
}

function writeSubject(name: string, given: TicketKey | undefined): string {
  const { key, certificate } = given ?? {};
  const keyInfo =
    key &&
    writeConfirmationKey(
      certificate ? { method: "holder-of-key", certificate } : { method: "holder-of-key", publicKey: key },
    );
  return element(
    "saml2:Subject",
    {},
    element("saml2:NameID", {}, escapeText(name)),
    keyInfo === undefined
      ? element("saml2:SubjectConfirmation", { Method: sealedConfirmation })
      : element(
          "saml2:SubjectConfirmation",
          { Method: confirmationUri20["holder-of-key"] },
          element("saml2:SubjectConfirmationData", {}, keyInfo),
        ),
  );
}
