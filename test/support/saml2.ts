import { type Element, element, text } from "./markup.js";
import { profile } from "./namespaces.js";
import type { AssertionOptions } from "./saml-options.js";
import { certificateData, dateTime } from "./security-header.js";

/** A SAML 2.0 assertion (core section 2.3.3); `signature` stands behind the Issuer. */
export function saml2Element(id: string, options: AssertionOptions, now: Date, signature: readonly Element[]): Element {
  const expires = dateTime(new Date(now.getTime() + (options.lifetimeSeconds ?? 1800) * 1000));
  return element("saml2:Assertion", { ID: id, IssueInstant: dateTime(now), Version: "2.0" }, [
    element("saml2:Issuer", {}, [text(options.issuer ?? "https://sts.example")]),
    ...signature,
    subject(options, expires),
    element("saml2:Conditions", { NotBefore: dateTime(now), NotOnOrAfter: expires }, [
      element("saml2:AudienceRestriction", {}, [
        element("saml2:Audience", {}, [text(options.audience ?? "urn:orders")]),
      ]),
    ]),
    element("saml2:AuthnStatement", { AuthnInstant: dateTime(now) }, [
      element("saml2:AuthnContext", {}, [
        element("saml2:AuthnContextClassRef", {}, [
          "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        ]),
      ]),
    ]),
    ...attributeStatement(options.attributes ?? { role: ["clerk"], department: ["sales"] }),
  ]);
}

function subject(options: AssertionOptions, expires: string): Element {
  const confirmation = options.confirmation ?? "bearer";
  const method =
    confirmation === "bearer"
      ? profile.bearer
      : confirmation === "holder-of-key"
        ? profile.holderOfKey
        : profile.senderVouches;
  return element("saml2:Subject", {}, [
    element("saml2:NameID", { Format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" }, [
      text(options.subject ?? "alice"),
    ]),
    element("saml2:SubjectConfirmation", { Method: method }, confirmationData(confirmation, options.holder, expires)),
  ]);
}

function confirmationData(
  confirmation: string,
  holder: AssertionOptions["holder"],
  expires: string,
): readonly Element[] {
  if (confirmation === "bearer") return [element("saml2:SubjectConfirmationData", { NotOnOrAfter: expires })];
  if (confirmation === "sender-vouches") return [];
  if (holder === undefined) throw new TypeError("a holder-of-key assertion names its holder");
  return [
    element("saml2:SubjectConfirmationData", { "xsi:type": "saml2:KeyInfoConfirmationDataType" }, [
      element("ds:KeyInfo", {}, [certificateData(holder.certificate)]),
    ]),
  ];
}

function attributeStatement(attributes: Readonly<Record<string, readonly string[]>>): readonly Element[] {
  const list = Object.entries(attributes).map(([name, values]) =>
    element(
      "saml2:Attribute",
      { Name: name, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified" },
      values.map((value) => element("saml2:AttributeValue", {}, [text(value)])),
    ),
  );
  return list.length === 0 ? [] : [element("saml2:AttributeStatement", {}, list)];
}
