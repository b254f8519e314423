import type { NameId, XmlDocument } from "../../xml/index.js";
import {
  type ConfirmationMethod,
  maxConfirmations,
  type NameIdSyntax,
  type SubjectConfirmationSyntax,
  type SubjectSyntax,
} from "./assertion.js";
import { noKeys, parseConfirmationKeys } from "./confirmation-key.js";
import { coreSection } from "./core-section.js";
import { attributes11, confirmationUri11, names11 } from "./saml11-names.js";
import { plainText, readAttributes, refuseShape, requiredText, Sequence } from "./schema-reader.js";

const methods: ReadonlyMap<string, ConfirmationMethod> = new Map(
  (Object.keys(confirmationUri11) as ConfirmationMethod[]).map((method) => [confirmationUri11[method], method]),
);

const rule = coreSection("1.1", "subject");
const none: readonly NameId[] = [];
const ofNameIdentifier = [attributes11.format, attributes11.nameQualifier];

/** SAML 1.1 limits a confirmation by nothing but the assertion's own Conditions. */
const noLimits = Object.freeze({
  nameId: undefined,
  notBefore: undefined,
  notOnOrAfter: undefined,
  recipient: undefined,
  inResponseTo: undefined,
  address: undefined,
});

/**
 * Reads a saml:Subject of SAML 1.1 (core section 2.4.2.1). Each ConfirmationMethod becomes a confirmation of its own: one of
 * them is enough.
 * @throws ERR_TOKEN_MALFORMED, also for SubjectConfirmationData: no method here says what it demands
 * @throws ERR_WSS_UNSUPPORTED_TOKEN, ERR_WSS_INVALID_TOKEN for a KeyInfo that cannot be used
 */
export function parseSaml11Subject(document: XmlDocument, element: number): SubjectSyntax {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const nameIdentifier = children.optional(names11.nameIdentifier);
  const confirmation = children.optional(names11.subjectConfirmation);
  children.end();
  if (nameIdentifier === -1 && confirmation === -1) refuseShape(document, element, "the Subject is empty", rule);
  return {
    nameId: nameIdentifier === -1 ? undefined : parseNameIdentifier(document, nameIdentifier),
    confirmations: confirmation === -1 ? [] : parseConfirmation(document, confirmation),
  };
}

function parseNameIdentifier(document: XmlDocument, element: number): NameIdSyntax {
  const [format, nameQualifier] = readAttributes(document, element, ofNameIdentifier);
  return { value: requiredText(document, element), format, nameQualifier, spNameQualifier: undefined };
}

function parseConfirmation(document: XmlDocument, element: number): readonly SubjectConfirmationSyntax[] {
  readAttributes(document, element, none);
  const children = new Sequence(document, element);
  const uris = children.all(names11.confirmationMethod).map((method) => plainText(document, method));
  const data = children.optional(names11.subjectConfirmationData);
  const keyInfo = children.optional(names11.keyInfo);
  children.end();
  if (uris.length === 0) refuseShape(document, element, "SubjectConfirmation has no ConfirmationMethod", rule);
  if (uris.length > maxConfirmations) {
    refuseShape(document, element, `SubjectConfirmation has more than ${maxConfirmations} methods`, "limits");
  }
  if (data !== -1) refuseShape(document, data, "what SubjectConfirmationData demands is not known", rule);
  const { keys, secrets } =
    keyInfo !== -1 && uris.includes(confirmationUri11["holder-of-key"])
      ? parseConfirmationKeys(document, [keyInfo])
      : noKeys;
  return uris.map((method) => {
    const confirm = methods.get(method);
    const holder = confirm === "holder-of-key";
    if (holder && keys.length + secrets.length === 0)
      refuseShape(document, element, "holder-of-key is confirmed by no ds:KeyInfo", rule);
    return { element, method, confirm, ...(holder ? { keys, secrets } : noKeys), ...noLimits };
  });
}

const noOctets = Buffer.alloc(0);

/** Whether two statements speak of the same subject: the same name, confirmed in the same ways, by the same keys. */
export function isSameSubject(one: SubjectSyntax, other: SubjectSyntax): boolean {
  return (
    one.nameId?.value === other.nameId?.value &&
    one.nameId?.format === other.nameId?.format &&
    one.nameId?.nameQualifier === other.nameId?.nameQualifier &&
    one.confirmations.length === other.confirmations.length &&
    one.confirmations.every(({ method, keys: [held], secrets: [secret] }, index) => {
      const {
        method: otherMethod,
        keys: [otherHeld] = [],
        secrets: [otherSecret] = [],
      } = other.confirmations[index] ?? {};
      // What is encrypted twice cannot be compared: the statements must carry the very same cipher text.
      if (Buffer.compare(secret?.cipherValue ?? noOctets, otherSecret?.cipherValue ?? noOctets) !== 0) return false;
      if (method !== otherMethod || held?.certificate?.fingerprint256 !== otherHeld?.certificate?.fingerprint256) {
        return false;
      }
      return held === undefined || otherHeld === undefined ? held === otherHeld : held.key.equals(otherHeld.key);
    })
  );
}
