import type { Certificate } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import {
  writeDirectReference,
  writeIssuerSerialReference,
  writeSubjectKeyIdentifier,
  writeThumbprint,
} from "./key-info-writer.js";
import { valueTypes } from "./token-names.js";

/** How a recipient's certificate is named (X.509 Token Profile 1.1 section 3.2). */
export type RecipientReferenceKind =
  | "issuer-serial"
  | "subject-key-identifier"
  | "thumbprint"
  | { readonly token: string };

/**
 * The wsse:SecurityTokenReference that names a recipient's certificate, for {@link writeKeyInfo}.
 * @param by `{ token }` refers to a BinarySecurityToken of the message by its wsu:Id.
 * @throws ERR_WSS_INVALID_TOKEN for a certificate without the subject key identifier that is asked for.
 */
export function recipientReference(certificate: Certificate, by: RecipientReferenceKind): string {
  if (typeof by === "object") return writeDirectReference(by.token, valueTypes.x509v3);
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
          refuse("ERR_WSS_INVALID_TOKEN", "the recipient's certificate has no subject key identifier"),
      );
  }
}
