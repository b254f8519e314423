import type { Certificate } from "./certificate.js";
import { nameKeyOfText } from "./name-text.js";

/** How a message refers to a certificate that it does not carry (WS-Security X.509 Token Profile 1.1 section 3.2). */
export type CertificateReference =
  | { readonly issuer: string; readonly serialNumber: bigint }
  | { readonly subjectKeyIdentifier: Uint8Array }
  | { readonly thumbprintSha1: Uint8Array };

/** Tests whether a certificate is the one that the reference means. */
export function referenceTest(reference: CertificateReference): (certificate: Certificate) => boolean {
  if ("thumbprintSha1" in reference) {
    const wanted = Buffer.from(reference.thumbprintSha1);
    return ({ thumbprintSha1 }) => thumbprintSha1.equals(wanted);
  }
  if ("subjectKeyIdentifier" in reference) {
    const wanted = Buffer.from(reference.subjectKeyIdentifier);
    return ({ subjectKeyIdentifier }) => subjectKeyIdentifier?.equals(wanted) ?? false;
  }
  const issuer = nameKeyOfText(reference.issuer);
  return (certificate) =>
    issuer !== undefined &&
    certificate.serialNumber === reference.serialNumber &&
    certificate.issuerName.key === issuer;
}
