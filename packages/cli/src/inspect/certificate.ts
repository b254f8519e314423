import { type Certificate, keyUsageBit } from "@countersign/core/inspect";
import { colons, type Finding, moment } from "./finding.js";
import { keyText } from "./keys.js";

const purposes: Readonly<Record<string, string>> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "1.3.6.1.5.5.7.3.3": "codeSigning",
  "1.3.6.1.5.5.7.3.4": "emailProtection",
  "1.3.6.1.5.5.7.3.8": "timeStamping",
};

/** What an X.509 certificate says (RFC 5280 section 4). */
export function certificateFinding(certificate: Certificate): Finding {
  const { extensions, serialNumber, subjectKeyIdentifier } = certificate;
  const bits = extensions.keyUsage;
  return {
    kind: "certificate",
    summary: `X.509 certificate of ${certificate.subject}`,
    fields: {
      subject: certificate.subject,
      issuer: certificate.selfIssued ? `${certificate.issuer} (itself)` : certificate.issuer,
      serialNumber: colons(evenDigits(serialNumber.toString(16))),
      serialNumberDecimal: serialNumber.toString(),
      notBefore: moment(certificate.notBefore),
      notAfter: moment(Math.floor(certificate.notAfter / 1_000) * 1_000),
      key: keyText(certificate.publicKey),
      authority: extensions.authority,
      pathLength: extensions.pathLength,
      keyUsage: bits && Object.entries(keyUsageBit).flatMap(([name, bit]) => (bits.has(bit) ? [name] : [])),
      extendedKeyUsage: extensions.extendedKeyUsage?.map((id) => purposes[id] ?? id),
      subjectAltNames: alternativeNames(certificate),
      subjectKeyIdentifier: subjectKeyIdentifier && colons(subjectKeyIdentifier.toString("hex")),
      sha256: colons(certificate.fingerprint256),
      sha1: colons(certificate.thumbprintSha1.toString("hex")),
      stronglySigned: certificate.stronglySigned,
    },
  };
}

const evenDigits = (digits: string): string => (digits.length % 2 === 0 ? digits : `0${digits}`);

/** Kinds of GeneralName (RFC 5280 section 4.2.1.6) whose value is text. */
const textKinds: Readonly<Record<number, string>> = { 1: "email", 2: "DNS", 6: "URI" };

function alternativeNames({ extensions }: Certificate): readonly string[] | undefined {
  const found = extensions.subjectAltNames.map(({ type, value }) => {
    const kind = textKinds[type];
    return kind === undefined ? `another kind of name (${type})` : `${kind}:${String(value)}`;
  });
  return found.length === 0 ? undefined : found;
}
