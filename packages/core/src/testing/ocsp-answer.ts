import { BitString, Constructed, Enumerated, fromBER, GeneralizedTime, Integer, OctetString, Primitive } from "asn1js";
import {
  BasicOCSPResponse,
  CertID,
  Extension,
  OCSPRequest,
  OCSPResponse,
  Certificate as PkijsCertificate,
  RelativeDistinguishedNames,
  ResponseBytes,
  ResponseData,
  SingleResponse,
} from "pkijs";
import {
  Certificate,
  type HashName,
  type IssuedCertificate,
  type KeyPair,
  type RawExtension,
  structureSigner,
} from "../crypto/index.js";
import { systemClock } from "../time/index.js";

/** What an OCSP answer for tests says. */
export interface TestOcspAnswer {
  readonly status: "good" | "revoked" | "unknown";
  /** Who answers, and whose key signs. */
  readonly responder: Pick<IssuedCertificate, "der" | "keyPair">;
  /** Another key that signs. */
  readonly signedWith?: KeyPair | undefined;
  /** How the responder is named. Default `"key"`. */
  readonly responderId?: "key" | "name" | undefined;
  /** Certificates that come with it, in DER. Default: the responder's. */
  readonly certificates?: readonly Uint8Array[] | undefined;
  /** Milliseconds since 1970. Default: a minute ago. */
  readonly thisUpdate?: number | undefined;
  /** Milliseconds since 1970. Default: in an hour; null leaves it out. */
  readonly nextUpdate?: number | null | undefined;
  /** What stands in place of the identifier asked for. */
  readonly identifier?:
    | {
        readonly serialNumber?: bigint | undefined;
        readonly issuerNameHash?: Uint8Array | undefined;
        readonly issuerKeyHash?: Uint8Array | undefined;
      }
    | undefined;
  /** Whether the nonce of the request is repeated. Default true. */
  readonly nonce?: boolean | undefined;
  readonly extensions?: readonly RawExtension[] | undefined;
  /** Default: as strong as the key. */
  readonly hash?: HashName | undefined;
}

const nonceExtension = "1.3.6.1.5.5.7.48.1.2";
const basicResponse = "1.3.6.1.5.5.7.48.1.1";
const hour = 3_600_000;

/** An OCSP answer for tests to a request in DER (RFC 6960 section 4.2), in DER. */
export function createTestOcspAnswer(request: Uint8Array, given: TestOcspAnswer): Buffer {
  const { tbsRequest } = new OCSPRequest({ schema: fromBER(request).result });
  const reqCert = tbsRequest.requestList[0]?.reqCert;
  if (reqCert === undefined) throw new TypeError("the request asks for nothing");
  const { status, responder, certificates = [responder.der], nextUpdate = systemClock.now() + hour } = given;
  const { algorithm, sign } = structureSigner((given.signedWith ?? responder.keyPair).privateKey, given.hash);
  const thisUpdate = wholeSecond(given.thisUpdate ?? systemClock.now() - 60_000);
  const asked = given.nonce === false ? [] : (tbsRequest.requestExtensions ?? []);
  const responseExtensions = [
    ...asked.filter(({ extnID }) => extnID === nonceExtension),
    ...(given.extensions ?? []).map(
      ({ id, critical = false, value }) =>
        new Extension({ extnID: id, critical, extnValue: new Uint8Array(value).buffer }),
    ),
  ];
  const { subjectDer, keyHash } = Certificate.parse(responder.der);
  const response = new BasicOCSPResponse({
    tbsResponseData: new ResponseData({
      responderID:
        given.responderId === "name"
          ? new RelativeDistinguishedNames({ valueBeforeDecode: new Uint8Array(subjectDer).buffer })
          : new OctetString({ valueHex: keyHash }),
      producedAt: thisUpdate,
      responses: [
        new SingleResponse({
          certID: identifierOf(reqCert, given.identifier ?? {}),
          certStatus: statuses[status](thisUpdate),
          thisUpdate,
          ...(nextUpdate === null ? {} : { nextUpdate: wholeSecond(nextUpdate) }),
        }),
      ],
      ...(responseExtensions.length === 0 ? {} : { responseExtensions }),
    }),
    signatureAlgorithm: algorithm,
    ...(certificates.length === 0 ? {} : { certs: certificates.map((der) => PkijsCertificate.fromBER(der)) }),
  });
  const signed = Buffer.from(response.tbsResponseData.toSchema(true).toBER());
  response.tbsResponseData.tbsView = new Uint8Array(signed);
  response.signature = new BitString({ valueHex: sign(signed) });
  return written(0, Buffer.from(response.toSchema().toBER()));
}

/** RFC 5280 section 4.1.2.5.2: times have no fractions of seconds. */
function wholeSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

/** An answer for tests that is an error of the responder, for example 3: tryLater (RFC 6960 section 4.2.1). */
export function createTestOcspError(code: number): Buffer {
  return written(code);
}

function written(code: number, basic?: Buffer): Buffer {
  const response = new OCSPResponse({
    responseStatus: new Enumerated({ value: code }),
    ...(basic === undefined
      ? {}
      : {
          responseBytes: new ResponseBytes({
            responseType: basicResponse,
            response: new OctetString({ valueHex: basic }),
          }),
        }),
  });
  return Buffer.from(response.toSchema().toBER());
}

function identifierOf(asked: CertID, other: NonNullable<TestOcspAnswer["identifier"]>): CertID {
  return new CertID({
    hashAlgorithm: asked.hashAlgorithm,
    issuerNameHash: other.issuerNameHash ? new OctetString({ valueHex: other.issuerNameHash }) : asked.issuerNameHash,
    issuerKeyHash: other.issuerKeyHash ? new OctetString({ valueHex: other.issuerKeyHash }) : asked.issuerKeyHash,
    serialNumber: other.serialNumber === undefined ? asked.serialNumber : Integer.fromBigInt(other.serialNumber),
  });
}

const contextSpecific = (tagNumber: number) => ({ idBlock: { tagClass: 3, tagNumber } });

const statuses = {
  good: () => new Primitive(contextSpecific(0)),
  unknown: () => new Primitive(contextSpecific(2)),
  revoked: (at: Date) =>
    new Constructed({
      ...contextSpecific(1),
      value: [
        new GeneralizedTime({ valueDate: at }),
        new Constructed({ ...contextSpecific(0), value: [new Enumerated({ value: 1 })] }),
      ],
    }),
};
