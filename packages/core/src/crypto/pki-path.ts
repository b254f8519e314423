import { fromBER, Sequence } from "asn1js";
import { refuse } from "../errors/index.js";
import { Certificate } from "./certificate.js";
import { maxPathCertificates } from "./certificate-trust.js";
import { splitSequence } from "./der.js";

/**
 * Reads an X509PKIPathv1 (X.509 section 10.1, BSP R5201): the authority's certificate first, each one the issuer of the next.
 * @returns The certificates, leaf first.
 * @throws ERR_WSS_INVALID_TOKEN for malformed DER, another order, a certificate that stands twice, none, or more than 10
 */
export function parsePkiPath(der: Uint8Array): readonly Certificate[] {
  const path = splitSequence(der, maxPathCertificates).map((octets) => Certificate.parse(octets));
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index - 1];
    if (issuer && Buffer.compare(certificate.issuerDer, issuer.subjectDer) !== 0) {
      broken(`${issuer.subject} stands before ${certificate.subject} and is not its issuer`);
    }
  }
  if (path.length === 0) broken("it is empty");
  if (new Set(path.map(({ fingerprint256 }) => fingerprint256)).size < path.length)
    broken("a certificate stands twice");
  return path.reverse();
}

/** Writes an X509PKIPathv1 of certificates, given leaf first. */
export function writePkiPath(path: readonly Certificate[]): Buffer {
  const value = path.map(({ der }) => fromBER(der).result).reverse();
  return Buffer.from(new Sequence({ value }).toBER());
}

function broken(reason: string): never {
  refuse("ERR_WSS_INVALID_TOKEN", `the PKIPath is not a path: ${reason}`, {
    rule: "BSP R5201",
    remedy: "Put the authority's certificate first and the signer's last.",
  });
}
