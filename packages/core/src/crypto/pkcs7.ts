import { refuse } from "../errors/index.js";
import { Certificate } from "./certificate.js";
import { maxPathCertificates } from "./certificate-trust.js";
import { type DerHeader, derHeader } from "./der.js";

const tags = { integer: 0x02, identifier: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0, context1: 0xa1 } as const;

/** id-signedData and id-data of PKCS #7 (RFC 2315 section 14), whole values. */
const signedData = Buffer.from("06092a864886f70d010702", "hex");
const data = Buffer.from("06092a864886f70d010701", "hex");

/**
 * Reads a PKCS #7 SignedData that holds certificates and nothing that is signed (X.509 Certificate Token Profile 1.1 section
 * 3.1, RFC 2315 section 9). It has no order: the signer's certificate is the one that issued none of the others.
 * @returns The certificates, the signer's first.
 * @throws ERR_WSS_INVALID_TOKEN for anything but DER of that shape, for no certificate, more than 10, one that stands twice, and
 * where none or several could be the signer's
 */
export function parsePkcs7(der: Uint8Array): readonly Certificate[] {
  const octets = Buffer.from(der);
  const [type, content, ...rest] = children(octets, only(octets, 0, octets.length, tags.sequence));
  if (type === undefined || content?.tag !== tags.context0 || rest.length > 0 || !equals(octets, type, signedData)) {
    broken("it is no SignedData");
  }
  const [version, algorithms, inner, certificates, ...after] = children(
    octets,
    only(octets, content.start, content.end, tags.sequence),
  );
  const signers = after.at(-1);
  const lists = after.slice(0, -1);
  if (
    version?.tag !== tags.integer ||
    algorithms?.tag !== tags.set ||
    inner?.tag !== tags.sequence ||
    certificates?.tag !== tags.context0 ||
    signers?.tag !== tags.set ||
    lists.length > 1 ||
    lists.some(({ tag }) => tag !== tags.context1)
  ) {
    broken("it holds no certificates, or not in their place");
  }
  if (signers.end !== signers.start || children(octets, inner).length !== 1) broken("it signs something");
  return signerFirst(
    children(octets, certificates).map(({ tag, at, end }) =>
      tag === tags.sequence
        ? Certificate.parse(octets.subarray(at, end))
        : broken("it holds something else than certificates"),
    ),
  );
}

/** Writes a PKCS #7 SignedData of certificates alone. */
export function writePkcs7(path: readonly Certificate[]): Buffer {
  const ders = path.map(({ der }) => Buffer.from(der)).sort(Buffer.compare);
  const content = value(
    tags.sequence,
    value(tags.integer, Buffer.from([1])),
    value(tags.set),
    value(tags.sequence, data),
    value(tags.context0, ...ders),
    value(tags.set),
  );
  return value(tags.sequence, signedData, value(tags.context0, content));
}

function signerFirst(certificates: readonly Certificate[]): readonly Certificate[] {
  if (certificates.length === 0) broken("it is empty");
  if (new Set(certificates.map(({ fingerprint256 }) => fingerprint256)).size < certificates.length) {
    broken("a certificate stands twice");
  }
  const issuedBy = (one: Certificate, other: Certificate) =>
    one !== other && Buffer.compare(one.issuerDer, other.subjectDer) === 0;
  const [signer, another] = certificates.filter((one) => !certificates.some((other) => issuedBy(other, one)));
  if (signer === undefined || another !== undefined) broken("it does not tell which certificate is the signer's");
  return [signer, ...certificates.filter((one) => one !== signer)];
}

interface Value extends DerHeader {
  /** Where its tag stands. */
  readonly at: number;
}

function only(octets: Buffer, at: number, limit: number, tag: number): Value {
  const found = derHeader(octets, at, limit);
  return found?.tag === tag && found.end === limit ? { ...found, at } : broken("it is no DER of that shape");
}

function children(octets: Buffer, { start, end }: DerHeader): readonly Value[] {
  const found: Value[] = [];
  for (let at = start; at < end; at = (found.at(-1) as Value).end) {
    const child = derHeader(octets, at, end) ?? broken("it is no DER");
    if (found.push({ ...child, at }) > maxPathCertificates)
      broken(`a list has more than ${maxPathCertificates} values`);
  }
  return found;
}

const equals = (octets: Buffer, { at, end }: Value, expected: Buffer): boolean =>
  octets.subarray(at, end).equals(expected);

function value(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const digits = content.length < 0x80 ? "" : content.length.toString(16);
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  const head = length.length === 0 ? [tag, content.length] : [tag, 0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from(head), content]);
}

function broken(reason: string): never {
  refuse("ERR_WSS_INVALID_TOKEN", `the PKCS #7 token cannot be used: ${reason}`, {
    rule: "X.509 Certificate Token Profile 1.1, 3.1",
    remedy: "Send a SignedData with the signer's certificate and those above it, or X509PKIPathv1, which has an order.",
  });
}
