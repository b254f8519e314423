import { type Element, element, text } from "./markup.js";
import type { AssertionOptions } from "./saml-options.js";
import { certificateData, dateTime } from "./security-header.js";

/** Namespace of the attributes that assertions of SAML 1.1 get here: claim types are this, a slash and the name. */
export const attributeNamespace = "urn:example:claims";

/** A SAML 1.1 assertion (core section 2.3.2): every statement names the Subject; `signature` stands behind the last. */
export function saml11Element(
  id: string,
  options: AssertionOptions,
  now: Date,
  signature: readonly Element[],
): Element {
  const expires = dateTime(new Date(now.getTime() + (options.lifetimeSeconds ?? 1800) * 1000));
  const about = subject(options);
  const authentication = {
    AuthenticationInstant: dateTime(now),
    AuthenticationMethod: "urn:oasis:names:tc:SAML:1.0:am:password",
  };
  return element(
    "saml:Assertion",
    {
      AssertionID: id,
      IssueInstant: dateTime(now),
      Issuer: options.issuer ?? "https://sts.example",
      MajorVersion: "1",
      MinorVersion: "1",
    },
    [
      element("saml:Conditions", { NotBefore: dateTime(now), NotOnOrAfter: expires }, [
        element("saml:AudienceRestrictionCondition", {}, [
          element("saml:Audience", {}, [text(options.audience ?? "urn:orders")]),
        ]),
      ]),
      element("saml:AuthenticationStatement", authentication, [about]),
      ...attributeStatement(options.attributes ?? { role: ["clerk"], department: ["sales"] }, about),
      ...signature,
    ],
  );
}

function subject({ subject: name = "alice", confirmation = "bearer", holder }: AssertionOptions): Element {
  const method = `urn:oasis:names:tc:SAML:1.0:cm:${confirmation}`;
  const format = { Format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" };
  return element("saml:Subject", {}, [
    element("saml:NameIdentifier", format, [text(name)]),
    element("saml:SubjectConfirmation", {}, [
      element("saml:ConfirmationMethod", {}, [method]),
      ...(confirmation === "holder-of-key" ? [keyOf(holder)] : []),
    ]),
  ]);
}

function keyOf(holder: AssertionOptions["holder"]): Element {
  if (holder === undefined) throw new TypeError("a holder-of-key assertion names its holder");
  return element("ds:KeyInfo", {}, [certificateData(holder.certificate)]);
}

function attributeStatement(
  attributes: Readonly<Record<string, readonly string[]>>,
  about: Element,
): readonly Element[] {
  const list = Object.entries(attributes).map(([name, values]) =>
    element(
      "saml:Attribute",
      { AttributeName: name, AttributeNamespace: attributeNamespace },
      values.map((value) => element("saml:AttributeValue", {}, [text(value)])),
    ),
  );
  return list.length === 0 ? [] : [element("saml:AttributeStatement", {}, [about, ...list])];
}
