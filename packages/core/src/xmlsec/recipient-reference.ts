import type { Certificate } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import {
  writeDirectReference,
  writeIssuerSerialReference,
  writeSubjectKeyIdentifier,
  writeThumbprint,
} from "./key-info-writer.js";
import { valueTypes } from "./token-names.js";

/** How a certificate that the receiver has is named (X.509 Token Profile 1.1 section 3.2). */
export type CertificateReferenceKind = "issuer-serial" | "subject-key-identifier" | "thumbprint";

/**
 * The wsse:SecurityTokenReference that names a certificate, for {@link writeKeyInfo}.
 * @throws ERR_WSS_INVALID_TOKEN for a certificate without the subject key identifier that is asked for.
 */
export function writeCertificateReference(certificate: Certificate, by: CertificateReferenceKind): string {
  switch (by) {
    case "issuer-serial": {
      const { issuer, serialNumber } = certificate;
      return writeIssuerSerialReference({ issuer, serialNumber });
    }
    case "thumbprint":
      return writeThumbprint(certificate.thumbprintSha1);
    case "subject-key-identifier":
      return writeSubjectKeyIdentifier(
        certificate.subjectKeyIdentifier ??
          refuse("ERR_WSS_INVALID_TOKEN", "the certificate has no subject key identifier"),
      );
  }
}

/** How a recipient's certificate is named: one that the recipient has, or a BinarySecurityToken of the message by its wsu:Id. */
export type RecipientReferenceKind = CertificateReferenceKind | { readonly token: string };

/**
 * The wsse:SecurityTokenReference that names the certificate for which a key is encrypted.
 * @throws ERR_WSS_INVALID_TOKEN as {@link writeCertificateReference}.
 */
export function recipientReference(certificate: Certificate, by: RecipientReferenceKind): string {
  return typeof by === "object"
    ? writeDirectReference(by.token, valueTypes.x509v3)
    : writeCertificateReference(certificate, by);
}
