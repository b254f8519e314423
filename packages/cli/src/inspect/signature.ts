import {
  Certificate,
  IdIndex,
  type KeyInfoSyntax,
  type SignatureSyntax,
  type XmlDocument,
} from "@countersign/core/inspect";
import type { Finding } from "./finding.js";
import { keyText } from "./keys.js";
import { shortUri } from "./security-tokens.js";
import { binaryTokenName } from "./token-names.js";

/** What a message signature says of itself: algorithms, the key it hints at, what it claims to cover. */
export function signatureFinding(document: XmlDocument, syntax: SignatureSyntax): Finding {
  const { algorithmUri, canonical, references, keyInfo } = syntax;
  return {
    kind: "signature",
    summary: `Signature with ${shortUri(algorithmUri)} over ${references.map(({ uri }) => uri ?? "(no URI)").join(", ")}`,
    fields: {
      algorithm: algorithmUri,
      canonicalization: canonical.uri,
      digests: [...new Set(references.map(({ digestUri }) => digestUri))],
      references: references.map(({ uri }) => uri ?? "(no URI)"),
      key: keyHint(document, keyInfo),
    },
  };
}

/** How a signature names its key: a hint, which only configured trust can confirm. */
export function keyHint(document: XmlDocument, keyInfo: KeyInfoSyntax | undefined): string {
  if (keyInfo === undefined) return "not named";
  const target = keyInfo.tokenReference?.target;
  switch (target?.kind) {
    case "direct":
      return referred(document, keyInfo.element, target.uri);
    case "embedded":
      return "a token inside the reference";
    case "samlAssertionId":
      return `the SAML assertion ${target.id}`;
    case "subjectKeyIdentifier":
      return `the certificate with the subject key identifier ${target.value.toString("hex")}`;
    case "thumbprintSha1":
      return `the certificate with the SHA-1 thumbprint ${target.value.toString("hex")}`;
  }
  const data = (target !== undefined && "x509Data" in target ? target.x509Data : undefined) ?? keyInfo.x509Data[0];
  if (data?.certificates[0] !== undefined) return Certificate.parse(data.certificates[0]).subject;
  if (data?.issuerSerial !== undefined) {
    return `certificate ${data.issuerSerial.serialNumber} of ${data.issuerSerial.issuer}`;
  }
  return keyInfo.keyValue === undefined ? "named in another way" : `a bare ${keyText(keyInfo.keyValue.key)} key`;
}

function referred(document: XmlDocument, at: number, uri: string): string {
  const id = IdIndex.fragment(document, at, uri);
  const found = document.ids.find(({ value }) => value === id);
  return found === undefined
    ? `${uri}, which is not in the message`
    : `${uri}, ${binaryTokenName(document, found.element)}`;
}
