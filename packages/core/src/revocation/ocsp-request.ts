import { Integer, Null, OctetString } from "asn1js";
import { AlgorithmIdentifier, CertID, Extension, OCSPRequest, Request, TBSRequest } from "pkijs";
import { type Certificate, sha1 } from "../crypto/index.js";

/** The extension that ties an answer to its request. */
export const nonceExtension = "1.3.6.1.5.5.7.48.1.2";

const sha1Algorithm = "1.3.14.3.2.26";

/** What an OCSP request and its answer say of a certificate (RFC 6960 section 4.1.1). */
export interface CertificateIdentifier {
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  readonly serialNumber: bigint;
}

/** The identifier of a certificate by its issuer: with SHA-1, the one digest that every responder knows (RFC 5019 section 2.1.1). */
export function identifierOf({ serialNumber }: Certificate, issuer: Certificate): CertificateIdentifier {
  return { issuerNameHash: sha1(issuer.subjectDer), issuerKeyHash: issuer.keyHash, serialNumber };
}

/** Whether an identifier in an answer is the one asked for: the same digest, issuer and serial number. */
export function isIdentifier(given: CertID, wanted: CertificateIdentifier): boolean {
  const { algorithmId, algorithmParams } = given.hashAlgorithm;
  return (
    algorithmId === sha1Algorithm &&
    (algorithmParams === undefined || algorithmParams instanceof Null) &&
    wanted.issuerNameHash.equals(given.issuerNameHash.valueBlock.valueHexView) &&
    wanted.issuerKeyHash.equals(given.issuerKeyHash.valueBlock.valueHexView) &&
    wanted.serialNumber === given.serialNumber.toBigInt()
  );
}

/** Writes an OCSP request for one certificate, unsigned (RFC 6960 section 4.1). */
export function writeOcspRequest(identifier: CertificateIdentifier, nonce: Uint8Array | undefined): Uint8Array {
  const reqCert = new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithmId: sha1Algorithm, algorithmParams: new Null() }),
    issuerNameHash: new OctetString({ valueHex: identifier.issuerNameHash }),
    issuerKeyHash: new OctetString({ valueHex: identifier.issuerKeyHash }),
    serialNumber: Integer.fromBigInt(identifier.serialNumber),
  });
  const extnValue = nonce && new OctetString({ valueHex: nonce }).toBER();
  const request = new OCSPRequest({
    tbsRequest: new TBSRequest({
      requestList: [new Request({ reqCert })],
      ...(extnValue === undefined
        ? {}
        : { requestExtensions: [new Extension({ extnID: nonceExtension, critical: false, extnValue })] }),
    }),
  });
  return new Uint8Array(request.toSchema(true).toBER());
}
