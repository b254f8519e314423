import type { Certificate, KeyObject } from "../crypto/index.js";
import { publicKeyInfo } from "../crypto/index.js";
import {
  type CertificateReferenceKind,
  valueTypes,
  writeAssertionReference,
  writeCertificateReference,
  writeDerKeyValue,
  writeDirectReference,
  writeKeyInfo,
} from "../xmlsec/index.js";

/** How a signature names its key (WS-Security 1.1 section 7, X.509 profile section 3.2, SAML profile section 3.4). */
export type KeyReference =
  /** A BinarySecurityToken of this header, by its wsu:Id. */
  | { readonly by: "token"; readonly id: string; readonly valueType?: string | undefined }
  | { readonly by: CertificateReferenceKind; readonly certificate: Certificate }
  /** A SAML 2.0 assertion of this header by its ID, or a SAML 1.1 assertion by its AssertionID. */
  | { readonly by: "saml2" | "saml11"; readonly id: string }
  /** A wsse:SecurityTokenReference as an STS gave it. */
  | { readonly by: "reference"; readonly xml: string }
  /** The bare public key: proves possession, identifies nobody. */
  | { readonly by: "key-value"; readonly key: KeyObject };

/** Writes the ds:KeyInfo of a key reference. */
export function writeKeyReference(reference: KeyReference): string {
  return writeKeyInfo(content(reference));
}

function content(reference: KeyReference): string {
  switch (reference.by) {
    case "token":
      return writeDirectReference(reference.id, reference.valueType ?? valueTypes.x509v3);
    case "thumbprint":
    case "issuer-serial":
    case "subject-key-identifier":
      return writeCertificateReference(reference.certificate, reference.by);
    case "saml2":
      return writeAssertionReference("2.0", reference.id);
    case "saml11":
      return writeAssertionReference("1.1", reference.id);
    case "reference":
      return reference.xml;
    case "key-value":
      return writeDerKeyValue(publicKeyInfo(reference.key));
  }
}
