import { formatDateTime } from "../../time/index.js";
import { element, escapeText } from "../../xml/index.js";
import { saml20Namespace } from "../../xmlsec/index.js";
import { writeConfirmationKey } from "./confirmation-key.js";
import type { AssertionContent, AttributeContent, AuthenticationContent, UnsignedAssertion } from "./content.js";
import { present } from "./present.js";
import { authnContextClass, confirmationUri20, names } from "./saml2-names.js";

/** Writes a SAML 2.0 assertion (core section 2.3.3): its signature goes behind the Issuer. */
export function writeSaml2(content: AssertionContent, id: string, now: number): UnsignedAssertion {
  const xml = element(
    "saml2:Assertion",
    { "xmlns:saml2": saml20Namespace, ID: id, IssueInstant: formatDateTime(now), Version: "2.0" },
    element("saml2:Issuer", {}, escapeText(content.issuer)),
    writeSubject(content),
    writeConditions(content),
    content.authentication === undefined ? "" : writeAuthnStatement(content.authentication),
    writeAttributes(content.attributes ?? []),
  );
  return { xml, behind: names.issuer };
}

function writeSubject({ subject, confirmation }: AssertionContent): string {
  const { recipient, inResponseTo, notOnOrAfter } = confirmation;
  const limits = present({
    InResponseTo: inResponseTo,
    NotOnOrAfter: notOnOrAfter === undefined ? undefined : formatDateTime(notOnOrAfter),
    Recipient: recipient,
  });
  const keyInfo = writeConfirmationKey(confirmation);
  const data =
    keyInfo === "" && Object.keys(limits).length === 0 ? "" : element("saml2:SubjectConfirmationData", limits, keyInfo);
  return element(
    "saml2:Subject",
    {},
    element("saml2:NameID", present({ Format: subject.format }), escapeText(subject.name)),
    element("saml2:SubjectConfirmation", { Method: confirmationUri20[confirmation.method] }, data),
  );
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
