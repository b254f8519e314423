import { refuse } from "../errors/index.js";
import { Certificate } from "./certificate.js";
import { maxPathCertificates } from "./certificate-trust.js";
import { DerReader, derTag, readWhole } from "./der.js";
import { writeSequence } from "./der-writer.js";

/**
 * Reads an X509PKIPathv1 (X.509 section 10.1, BSP R5201): the authority's certificate first, each one the issuer of the next.
 * @returns The certificates, leaf first.
 * @throws ERR_WSS_INVALID_TOKEN for malformed DER, another order, a certificate that stands twice, none, or more than 10
 */
export function parsePkiPath(der: Uint8Array): readonly Certificate[] {
  const path: Certificate[] = [];
  for (const value of new DerReader(readWhole(der, derTag.sequence).content).rest(derTag.sequence)) {
    if (path.length === maxPathCertificates) broken(`it has more than ${maxPathCertificates} certificates`);
    const certificate = Certificate.parse(value.encoded);
    const issuer = path[path.length - 1];
    if (issuer && Buffer.compare(certificate.issuerDer, issuer.subjectDer) !== 0) {
      broken(`${issuer.subject} stands before ${certificate.subject} and is not its issuer`);
    }
    if (path.includes(certificate)) broken("a certificate stands twice");
    path.push(certificate);
  }
  if (path.length === 0) broken("it is empty");
  return path.reverse();
}

/** Writes an X509PKIPathv1 of certificates, given leaf first. */
export function writePkiPath(path: readonly Certificate[]): Buffer {
  return writeSequence(...path.map((certificate) => certificate.der).reverse());
}

function broken(reason: string): never {
  refuse("ERR_WSS_INVALID_TOKEN", `the PKIPath is not a path: ${reason}`, {
    rule: "BSP R5201",
    remedy: "Put the authority's certificate first and the signer's last.",
  });
}
