import { refuse } from "../../errors/index.js";
import { formatDateTime } from "../../time/index.js";
import { element, escapeText } from "../../xml/index.js";
import { saml11Namespace } from "../../xmlsec/index.js";
import { writeConfirmationKey } from "./confirmation-key.js";
import type { AssertionContent, AttributeContent, AuthenticationContent, UnsignedAssertion } from "./content.js";
import { present } from "./present.js";
import { attributeNameOf } from "./saml11-attribute-name.js";
import { authenticationMethod, confirmationUri11, names11 } from "./saml11-names.js";

/**
 * Writes a SAML 1.1 assertion (core section 2.3.2): every statement has the Subject, and its signature goes behind the last.
 * @throws ERR_INTERNAL for content that SAML 1.1 has no words for: dropped without a word, a limit would not hold
 */
export function writeSaml11(content: AssertionContent, id: string, now: number): UnsignedAssertion {
  requireExpressible(content);
  const { issuer, authentication, attributes = [] } = content;
  const subject = writeSubject(content);
  const valued = attributes.filter(({ values }) => values.length > 0);
  if (authentication === undefined && valued.length === 0) {
    refuse("ERR_INTERNAL", "a SAML 1.1 assertion states at least one thing about its subject");
  }
  const xml = element(
    "saml:Assertion",
    {
      "xmlns:saml": saml11Namespace,
      AssertionID: id,
      IssueInstant: formatDateTime(now),
      Issuer: issuer,
      MajorVersion: "1",
      MinorVersion: "1",
    },
    writeConditions(content),
    authentication === undefined ? "" : writeAuthentication(authentication, subject),
    valued.length === 0 ? "" : element("saml:AttributeStatement", {}, subject, ...valued.map(writeAttribute)),
  );
  return { xml, behind: valued.length === 0 ? names11.authenticationStatement : names11.attributeStatement };
}

function requireExpressible({ confirmation, authentication }: AssertionContent): void {
  const { recipient, inResponseTo, notOnOrAfter } = confirmation;
  const { sessionIndex, sessionNotOnOrAfter } = authentication ?? {};
  for (const value of [recipient, inResponseTo, notOnOrAfter, sessionIndex, sessionNotOnOrAfter]) {
    if (value !== undefined) refuse("ERR_INTERNAL", "SAML 1.1 has neither limits of a confirmation nor sessions");
  }
}

function writeSubject({ subject, confirmation }: AssertionContent): string {
  return element(
    "saml:Subject",
    {},
    element("saml:NameIdentifier", present({ Format: subject.format }), escapeText(subject.name)),
    element(
      "saml:SubjectConfirmation",
      {},
      element("saml:ConfirmationMethod", {}, confirmationUri11[confirmation.method]),
      writeConfirmationKey(confirmation),
    ),
  );
}

function writeConditions({ lifetime, audience, oneTimeUse = false }: AssertionContent): string {
  const audiences = typeof audience === "string" ? [audience] : audience;
  return element(
    "saml:Conditions",
    { NotBefore: formatDateTime(lifetime.created), NotOnOrAfter: formatDateTime(lifetime.expires) },
    element(
      "saml:AudienceRestrictionCondition",
      {},
      ...audiences.map((one) => element("saml:Audience", {}, escapeText(one))),
    ),
    oneTimeUse ? element("saml:DoNotCacheCondition", {}) : "",
  );
}

function writeAuthentication({ instant, contextClass }: AuthenticationContent, subject: string): string {
  const attributes = {
    AuthenticationInstant: formatDateTime(instant),
    AuthenticationMethod: contextClass ?? authenticationMethod.unspecified,
  };
  return element("saml:AuthenticationStatement", attributes, subject);
}

function writeAttribute({ name: claimType, values }: AttributeContent): string {
  const { name, namespace } = attributeNameOf(claimType);
  return element(
    "saml:Attribute",
    { AttributeName: name, AttributeNamespace: namespace },
    ...values.map((value) => element("saml:AttributeValue", {}, escapeText(value))),
  );
}
