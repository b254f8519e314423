import { Enumerated, OctetString } from "asn1js";
import { type Extension, OCSPResponse, RelativeDistinguishedNames, ResponseData, type SingleResponse } from "pkijs";
import { Certificate, derHeader, readDer, type SignedStructure, splitSequence } from "../crypto/index.js";
import { tagOf } from "./addresses.js";
import { type CertificateIdentifier, isIdentifier, nonceExtension } from "./ocsp-request.js";
import { reasonName, unspecified } from "./reasons.js";
import { readSigned } from "./signed.js";
import { RevocationSourceError, unusable } from "./source-error.js";
import type { CertificateStatus } from "./status.js";

/** Largest answer in octets. */
export const maxOcspOctets = 65_536;

/** Most values in an answer, most certificates that come with it. */
const maxNodes = 4_000;
const maxCertificates = 5;

const basicResponse = "1.3.6.1.5.5.7.48.1.1";
const sequence = 0x30;
const certificatesTag = 0xa0;

/** What an answer says of one certificate. Being read says nothing about who signed it. */
export interface OcspResponse {
  readonly structure: SignedStructure;
  readonly status: CertificateStatus;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Milliseconds since 1970; undefined where newer information is to be had at any time. */
  readonly nextUpdate: number | undefined;
  /** The certificates that came with it. */
  readonly certificates: readonly Certificate[];
  /** Whether the certificate is the one that the answer names as its signer. */
  names(responder: Certificate): boolean;
}

/**
 * Reads the part of an OCSP answer that is about one certificate (RFC 6960 section 4.2).
 * @param nonce What the answer must repeat, where the request had one.
 * @throws RevocationSourceError for errors of the responder, malformed answers, unknown critical extensions, and answers about
 * something else
 */
export function readOcspResponse(
  octets: Uint8Array,
  wanted: CertificateIdentifier,
  nonce: Uint8Array | undefined,
): OcspResponse {
  try {
    return read(octets, wanted, nonce);
  } catch (cause) {
    if (cause instanceof RevocationSourceError) throw cause;
    return unusable("the answer is malformed", cause);
  }
}

function read(octets: Uint8Array, wanted: CertificateIdentifier, nonce: Uint8Array | undefined): OcspResponse {
  const { structure, behind } = readSigned(basicOctets(octets));
  const data = new ResponseData({ schema: readDer(structure.signed, maxNodes) });
  const extensions = data.responseExtensions ?? [];
  checkCritical(extensions);
  if (nonce !== undefined && !repeats(extensions, nonce)) unusable("the answer does not repeat the nonce");
  const [single, ...others] = data.responses.filter(({ certID }) => isIdentifier(certID, wanted));
  if (!single) unusable("the answer is about another certificate");
  if (others.length > 0) unusable("the answer is about the certificate more than once");
  checkCritical(single.singleExtensions ?? []);
  return {
    structure,
    status: statusOf(single),
    thisUpdate: single.thisUpdate.getTime(),
    nextUpdate: single.nextUpdate?.getTime(),
    certificates: certificatesOf(behind),
    names: (responder) => isResponder(data.responderID, responder),
  };
}

/** The BasicOCSPResponse inside an answer. */
function basicOctets(octets: Uint8Array): Uint8Array {
  const { responseStatus, responseBytes } = new OCSPResponse({ schema: readDer(octets, maxNodes) });
  const code = responseStatus.valueBlock.valueDec;
  if (code !== 0) unusable(`the responder says ${errors[code] ?? code}`);
  if (responseBytes?.responseType !== basicResponse) unusable("the answer is not a basic one");
  return responseBytes.response.valueBlock.valueHexView;
}

const errors: Readonly<Record<number, string>> = {
  1: "malformedRequest",
  2: "internalError",
  3: "tryLater",
  5: "sigRequired",
  6: "unauthorized",
};

function checkCritical(extensions: readonly Extension[]): void {
  const unknown = extensions.find(({ critical, extnID }) => critical && extnID !== nonceExtension);
  if (unknown) unusable(`the answer has the unknown critical extension ${unknown.extnID}`);
}

function repeats(extensions: readonly Extension[], nonce: Uint8Array): boolean {
  const [found, ...others] = extensions.filter(({ extnID }) => extnID === nonceExtension);
  const value = found && readDer(found.extnValue.valueBlock.valueHexView);
  return value instanceof OctetString && others.length === 0 && sameOctets(value.valueBlock.valueHexView, nonce);
}

function statusOf({ certStatus }: SingleResponse): CertificateStatus {
  switch (tagOf(certStatus)) {
    case 0:
      return { kind: "good" };
    case 1: {
      const [time, reason] = certStatus.valueBlock.value;
      const code = reason?.valueBlock.value[0];
      const name = code instanceof Enumerated ? reasonName(code.valueBlock.valueDec) : unspecified;
      return { kind: "revoked", at: time.toDate().getTime(), reason: name };
    }
    case 2:
      return { kind: "unknown" };
    default:
      return unusable("the status in the answer is not known");
  }
}

function certificatesOf([tagged]: readonly Uint8Array[]): readonly Certificate[] {
  if (tagged === undefined) return [];
  const header = derHeader(tagged, 0, tagged.length);
  if (header?.tag !== certificatesTag || tagged[header.start] !== sequence) unusable("the answer is malformed");
  return splitSequence(tagged.subarray(header.start), maxCertificates).map((der) => Certificate.parse(der));
}

/** RFC 6960 section 4.2.2.3: by name, or by the SHA-1 of the key. */
function isResponder(id: unknown, { subjectDer, keyHash }: Certificate): boolean {
  if (id instanceof RelativeDistinguishedNames) return sameOctets(new Uint8Array(id.valueBeforeDecode), subjectDer);
  return id instanceof OctetString && sameOctets(id.valueBlock.valueHexView, keyHash);
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
