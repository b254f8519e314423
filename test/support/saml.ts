import type { DigestAlgorithmName, SignatureAlgorithmName } from "./algorithms.js";
import type { Signer } from "./credentials.js";
import type { CanonicalForm, Element } from "./markup.js";
import { canonical, element, text, write } from "./markup.js";
import { profile } from "./namespaces.js";
import { certificateData, dateTime } from "./security-header.js";
import { makeSignature, type SignatureRecord } from "./signature.js";

/** What a SAML 2.0 assertion says. Every field has a default, so that a test names only what it is about. */
export interface AssertionOptions {
  /** The issuer's key; its certificate goes into the assertion's KeyInfo. */
  readonly issuedBy: Signer;
  readonly id?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly confirmation?: "bearer" | "holder-of-key" | "sender-vouches";
  /** Whose key confirms the subject, for holder-of-key. */
  readonly holder?: Signer;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** Moment of issue; default now. */
  readonly now?: Date;
  /** Default 1,800. */
  readonly lifetimeSeconds?: number;
  readonly algorithm?: SignatureAlgorithmName;
  readonly digest?: DigestAlgorithmName;
}

/** A signed assertion: finished text that stands on its own, and what was signed. */
export interface MadeAssertion {
  readonly id: string;
  readonly text: string;
  readonly signature: SignatureRecord;
}

const form: CanonicalForm = { method: "exclusive" };

/** Issues a signed SAML 2.0 assertion (SAML 2.0 core sections 2 and 5), canonical as it stands. */
export function assertion(options: AssertionOptions): MadeAssertion {
  const id = options.id ?? "_assertion-1";
  const now = options.now ?? new Date();
  const octets = canonical(assertionElement(id, options, now, []), form);
  const signature = makeSignature({
    part: "assertion",
    algorithm: options.algorithm ?? "rsa-sha256",
    digest: options.digest ?? "sha256",
    form,
    signer: options.issuedBy,
    targets: [{ part: "assertion", uri: `#${id}`, octets, transform: "enveloped" }],
    keyInfo: [certificateData(options.issuedBy.certificate)],
    around: new Set(["saml2"]),
  });
  return { id, text: write(assertionElement(id, options, now, [signature.element])), signature: signature.record };
}

function assertionElement(id: string, options: AssertionOptions, now: Date, signature: readonly Element[]): Element {
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

function confirmationData(confirmation: string, holder: Signer | undefined, expires: string): readonly Element[] {
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
