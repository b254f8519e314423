import {
  parseAssertion,
  parseBinarySecurityToken,
  parseUsernameToken,
  type XmlDocument,
} from "@countersign/core/inspect";
import { certificateFinding } from "./certificate.js";
import { type Finding, findingOf, moment } from "./finding.js";
import { keyText } from "./keys.js";

/** The last part of a URI that names a kind: `holder-of-key`, `PasswordText`, `rsa-sha256`. */
export const shortUri = (uri: string): string => /[^#:/]+$/.exec(uri)?.[0] ?? uri;

/** What a wsse:UsernameToken says. Its password is not among it, not even its length. */
export function usernameTokenFinding(document: XmlDocument, element: number): Finding {
  return findingOf("username-token", "UsernameToken", () => {
    const { name, id, password, digest, nonce, created, derivation } = parseUsernameToken(document, element);
    return {
      kind: "username-token",
      summary: `UsernameToken of ${name}`,
      fields: {
        name,
        id,
        password: password === undefined ? "none" : digest ? "a digest (not shown)" : "in clear text (not shown)",
        nonce: nonce?.toString("base64"),
        created: created?.text,
        keyDerivation: derivation && `${derivation.iteration} iterations`,
      },
    };
  });
}

/** What a wsse:BinarySecurityToken with certificates says. */
export function binaryTokenFinding(document: XmlDocument, element: number): Finding {
  return findingOf("binary-security-token", "BinarySecurityToken", () => {
    const { id, valueType, certificates } = parseBinarySecurityToken(document, element);
    return {
      kind: "binary-security-token",
      summary: `BinarySecurityToken (${shortUri(valueType)}) of ${certificates[0]?.subject ?? "nobody"}`,
      fields: { id, valueType },
      parts: certificates.map(certificateFinding),
    };
  });
}

/** What a SAML assertion says, of version 2.0 or 1.1. */
export function assertionFinding(document: XmlDocument, element: number): Finding {
  return findingOf("saml-assertion", "SAML assertion", () => {
    const assertion = parseAssertion(document, element);
    const { version, id, issuer, issueInstant, signature, subject, conditions, authnStatements, attributes } =
      assertion;
    const confirmations = subject?.confirmations ?? [];
    const keys = confirmations.flatMap((confirmation) => confirmation.keys);
    const name = subject?.nameId?.value;
    return {
      kind: "saml-assertion",
      summary: `SAML ${version} assertion of ${issuer}${name === undefined ? "" : ` about ${name}`}`,
      fields: {
        version,
        id,
        issuer,
        issueInstant: moment(issueInstant),
        subject: name,
        subjectFormat: subject?.nameId?.format,
        notBefore: moment(conditions?.notBefore),
        notOnOrAfter: moment(conditions?.notOnOrAfter),
        audience: conditions?.audienceRestrictions.flat(),
        oneTimeUse: conditions?.oneTimeUse,
        confirmation: confirmations.map(({ method }) => shortUri(method)),
        confirmationKeys:
          keys.length === 0 ? undefined : keys.map(({ key, certificate }) => certificate?.subject ?? keyText(key)),
        recipient: confirmations.flatMap(({ recipient }) => (recipient === undefined ? [] : [recipient])),
        authenticated: authnStatements.map(
          ({ instant, contextClass }) =>
            `${moment(instant)}${contextClass === undefined ? "" : ` by ${shortUri(contextClass)}`}`,
        ),
        signed: signature === undefined ? "no" : `with ${shortUri(signature.algorithmUri)}`,
      },
      parts: [
        {
          kind: "attributes",
          summary: "attributes",
          fields: Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute.values])),
        },
      ],
    };
  });
}
