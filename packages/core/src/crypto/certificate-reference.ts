/** How a message refers to a certificate that it does not carry (WS-Security X.509 Token Profile 1.1 section 3.2). */
export type CertificateReference =
  | { /** RFC 4514 text, compared as a parsed name. */ readonly issuer: string; readonly serialNumber: bigint }
  | { readonly subjectKeyIdentifier: Uint8Array }
  | { readonly thumbprintSha1: Uint8Array };
