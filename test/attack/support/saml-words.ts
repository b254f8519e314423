import { saml2, saml11 } from "@countersign/core";
import { namespaces } from "../../support/namespaces.js";
import type { SamlVersion } from "../../support/saml.js";
import { attributeNamespace } from "../../support/saml11.js";
import { replaced } from "./edit.js";

/*
 * How the two versions of SAML say one thing, so that an attack on assertions is written once. In SAML 1.1 the Subject
 * stands in every statement: what is done to it is done to each, or the statements would no longer agree.
 */

/** A change of an assertion's text. */
export type Change = (text: string) => string;

/** The words of one version, as the genuine assertions here use them. */
export interface SamlWords {
  readonly version: SamlVersion;
  /** The alternative of a route. */
  readonly alternative: typeof saml2 | typeof saml11;
  readonly namespace: string;
  /** The prefix of its elements. */
  readonly prefix: string;
  /** The attribute with the assertion's identifier. */
  readonly id: string;
  /** The attribute of an authentication's time. */
  readonly authenticated: string;
  readonly nameElement: string;
  /** The claim type of an attribute that was issued under a name. */
  readonly claim: (name: string) => string;
  /** What stands for a restriction to some audiences. */
  readonly restriction: (...audiences: readonly string[]) => string;
  /** The whole restriction in the text. */
  readonly restrictions: RegExp;
  readonly once: string;
  /** An attribute with a value, whose tag can have attributes. */
  readonly attribute: (name: string, content: string, attributes?: string) => string;
  /** A statement of attributes, about the subject that a text has. */
  readonly attributeStatement: (text: string, content: string) => string;
  /** XPath of the values of an attribute. */
  readonly values: (name: string) => string;
  /** Puts another confirmation in the place of every one. */
  readonly confirmed: (by: (found: string) => string) => Change;
  /** A confirmation by a method, with an optional ds:KeyInfo. */
  readonly confirmation: (method: string, keyInfo?: string) => string;
  /** Puts another method in the place of every one. */
  readonly method: (by: (uri: string) => string) => Change;
  /** Puts something into an assertion where its signature stands. */
  readonly signedWith: (text: string, signature: string) => string;
  /** Changes the number of the version; undefined leaves it out. */
  readonly numbered: (major: string | undefined, minor: string | undefined) => Change;
}

const everywhere =
  (pattern: RegExp, by: string | ((found: string) => string)): Change =>
  (text) => {
    if (!pattern.test(text)) throw new TypeError(`${pattern} does not stand in the assertion`);
    return text.replace(new RegExp(pattern.source, "g"), (found) => (typeof by === "string" ? by : by(found)));
  };

/** SAML 2.0. */
export const words20: SamlWords = {
  version: "2.0",
  alternative: saml2,
  namespace: namespaces.saml2 ?? "",
  prefix: "saml2",
  id: "ID",
  authenticated: "AuthnInstant",
  nameElement: "saml2:NameID",
  claim: (name) => name,
  restriction: (...audiences) =>
    `<saml2:AudienceRestriction>${audiences.map((one) => `<saml2:Audience>${one}</saml2:Audience>`).join("")}</saml2:AudienceRestriction>`,
  restrictions: /<saml2:AudienceRestriction>[\s\S]*<\/saml2:AudienceRestriction>/,
  once: "<saml2:OneTimeUse></saml2:OneTimeUse>",
  attribute: (name, content, attributes = "") =>
    `<saml2:Attribute Name="${name}"><saml2:AttributeValue${attributes}>${content}</saml2:AttributeValue></saml2:Attribute>`,
  attributeStatement: (_, content) => `<saml2:AttributeStatement>${content}</saml2:AttributeStatement>`,
  values: (name) => `//saml2:Attribute[@Name="${name}"]/saml2:AttributeValue`,
  confirmed: (by) => everywhere(/<saml2:SubjectConfirmation [\s\S]*<\/saml2:SubjectConfirmation>/, by),
  confirmation: (method, keyInfo) =>
    `<saml2:SubjectConfirmation Method="${method}">${keyInfo === undefined ? "" : `<saml2:SubjectConfirmationData>${keyInfo}</saml2:SubjectConfirmationData>`}</saml2:SubjectConfirmation>`,
  method: (by) => everywhere(/(?<= Method=")[^"]*/, by),
  signedWith: (text, signature) => replaced(text, "</saml2:Issuer>", `</saml2:Issuer>${signature}`),
  numbered: (major, minor) => (text) =>
    replaced(text, ' Version="2.0"', major === undefined ? "" : ` Version="${major}.${minor}"`),
};

/** SAML 1.1. */
export const words11: SamlWords = {
  version: "1.1",
  alternative: saml11,
  namespace: namespaces.saml ?? "",
  prefix: "saml",
  id: "AssertionID",
  authenticated: "AuthenticationInstant",
  nameElement: "saml:NameIdentifier",
  claim: (name) => `${attributeNamespace}/${name}`,
  restriction: (...audiences) =>
    `<saml:AudienceRestrictionCondition>${audiences.map((one) => `<saml:Audience>${one}</saml:Audience>`).join("")}</saml:AudienceRestrictionCondition>`,
  restrictions: /<saml:AudienceRestrictionCondition>[\s\S]*<\/saml:AudienceRestrictionCondition>/,
  once: "<saml:DoNotCacheCondition></saml:DoNotCacheCondition>",
  attribute: (name, content, attributes = "") =>
    `<saml:Attribute AttributeName="${name}" AttributeNamespace="${attributeNamespace}"><saml:AttributeValue${attributes}>${content}</saml:AttributeValue></saml:Attribute>`,
  attributeStatement: (text, content) => {
    const subject = /<saml:Subject>[\s\S]*?<\/saml:Subject>/.exec(text)?.[0] ?? "";
    return `<saml:AttributeStatement>${subject}${content}</saml:AttributeStatement>`;
  },
  values: (name) => `//saml:Attribute[@AttributeName="${name}"]/saml:AttributeValue`,
  confirmed: (by) => everywhere(/<saml:SubjectConfirmation>[\s\S]*?<\/saml:SubjectConfirmation>/, by),
  confirmation: (method, keyInfo = "") =>
    `<saml:SubjectConfirmation><saml:ConfirmationMethod>${method}</saml:ConfirmationMethod>${keyInfo}</saml:SubjectConfirmation>`,
  method: (by) => everywhere(/(?<=<saml:ConfirmationMethod>)[^<]*/, by),
  signedWith: (text, signature) => replaced(text, "</saml:Assertion>", `${signature}</saml:Assertion>`),
  numbered: (major, minor) => (text) =>
    replaced(
      text,
      ' MajorVersion="1" MinorVersion="1"',
      (major === undefined ? "" : ` MajorVersion="${major}"`) + (minor === undefined ? "" : ` MinorVersion="${minor}"`),
    ),
};

/** Puts other content in the place of every name of the subject. */
export const named = ({ nameElement }: SamlWords, content: string): Change =>
  everywhere(new RegExp(`>alice</${nameElement}>`), `>${content}</${nameElement}>`);

/** Puts another subject in the place of the genuine one, wherever it stands. */
export const renamed: Change = everywhere(/>alice</, ">admin<");
