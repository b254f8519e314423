import { BitString, Enumerated, Integer } from "asn1js";
import {
  CertificateRevocationList,
  Extension,
  Extensions,
  RelativeDistinguishedNames,
  RevokedCertificate,
  Time,
} from "pkijs";
import {
  Certificate,
  type HashName,
  type IssuedCertificate,
  type KeyPair,
  type RawExtension,
  splitSequence,
  structureSigner,
} from "../crypto/index.js";
import { systemClock } from "../time/index.js";

/** What a revocation list for tests says. */
export interface TestRevocationList {
  /** The authority in whose name it is; its key signs. */
  readonly issuer: Pick<IssuedCertificate, "der" | "keyPair">;
  /** Another key that signs. */
  readonly signedWith?: KeyPair | undefined;
  readonly revoked?:
    | readonly {
        readonly serialNumber: bigint;
        /** The number of a CRLReason (RFC 5280 section 5.3.1). Default: none is given. */
        readonly reason?: number | undefined;
        readonly extensions?: readonly RawExtension[] | undefined;
      }[]
    | undefined;
  /** Milliseconds since 1970. Default: an hour ago. */
  readonly thisUpdate?: number | undefined;
  /** Milliseconds since 1970. Default: in a day; null leaves it out. */
  readonly nextUpdate?: number | null | undefined;
  readonly extensions?: readonly RawExtension[] | undefined;
  /** Default: as strong as the key. */
  readonly hash?: HashName | undefined;
}

const hour = 3_600_000;

/** A certificate revocation list for tests (RFC 5280 section 5), in DER. */
export function createTestRevocationList(given: TestRevocationList): Buffer {
  const { issuer, revoked = [], extensions = [], nextUpdate = systemClock.now() + 24 * hour } = given;
  const { algorithm, sign } = structureSigner((given.signedWith ?? issuer.keyPair).privateKey, given.hash);
  const thisUpdate = given.thisUpdate ?? systemClock.now() - hour;
  const list = new CertificateRevocationList({
    version: 1,
    signature: algorithm,
    signatureAlgorithm: algorithm,
    issuer: new RelativeDistinguishedNames({
      valueBeforeDecode: new Uint8Array(Certificate.parse(issuer.der).subjectDer).buffer,
    }),
    thisUpdate: new Time({ value: new Date(thisUpdate) }),
    ...(nextUpdate === null ? {} : { nextUpdate: new Time({ value: new Date(nextUpdate) }) }),
    ...(extensions.length === 0 ? {} : { crlExtensions: extensionsOf(extensions) }),
    ...(revoked.length === 0
      ? {}
      : {
          revokedCertificates: revoked.map(({ serialNumber, reason, extensions: more = [] }) => {
            const all = reason === undefined ? more : [reasonCode(reason), ...more];
            return new RevokedCertificate({
              userCertificate: Integer.fromBigInt(serialNumber),
              revocationDate: new Time({ value: new Date(thisUpdate) }),
              ...(all.length === 0 ? {} : { crlEntryExtensions: extensionsOf(all) }),
            });
          }),
        }),
  });
  list.signatureValue = new BitString({ valueHex: Buffer.alloc(1) });
  const [signed = Buffer.alloc(0)] = splitSequence(new Uint8Array(list.toSchema(true).toBER()), 3);
  list.signatureValue = new BitString({ valueHex: sign(signed) });
  return Buffer.from(list.toSchema(true).toBER());
}

function extensionsOf(given: readonly RawExtension[]): Extensions {
  return new Extensions({
    extensions: given.map(
      ({ id, critical = false, value }) =>
        new Extension({ extnID: id, critical, extnValue: new Uint8Array(value).buffer }),
    ),
  });
}

function reasonCode(code: number): RawExtension {
  return { id: "2.5.29.21", value: new Uint8Array(new Enumerated({ value: code }).toBER()) };
}
