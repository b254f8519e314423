import { Certificate } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { parseBinarySecurityToken } from "../tokens/x509/index.js";
import { type EncryptedKeySyntax, IdIndex, type TokenReferenceTarget, type X509DataSyntax } from "../xmlsec/index.js";
import { type DecryptionKey, type DecryptionRules, findDecryptionKey } from "./decryption-keys.js";
import { wsse } from "./names.js";
import type { ReadHeader } from "./read-header.js";

/**
 * The private key that an EncryptedKey was made for, found by how it names the recipient's certificate (X.509 Certificate
 * Token Profile 1.1 section 3.4): issuer and serial number, subject key identifier, thumbprint, the certificate itself, or a
 * BinarySecurityToken of the header.
 * @throws ERR_WSS_TOKEN_UNAVAILABLE where none of our certificates is meant; ERR_WSS_INVALID_SECURITY where it is named in
 * several ways
 */
export function findRecipientKey(state: ReadHeader, syntax: EncryptedKeySyntax, rules: DecryptionRules): DecryptionKey {
  const { document } = state.envelope;
  const keyInfo = syntax.keyInfo?.agreement?.recipient ?? syntax.keyInfo;
  const references: readonly TokenReferenceTarget[] = [
    ...(keyInfo?.tokenReference === undefined ? [] : [keyInfo.tokenReference.target]),
    ...(keyInfo?.x509Data ?? []).map((x509Data) => ({ kind: "x509Data", x509Data }) as const),
  ];
  const [reference, another] = references;
  if (another !== undefined) {
    refuse("ERR_WSS_INVALID_SECURITY", "an EncryptedKey names its recipient in several ways", {
      place: () => document.place(syntax.element),
      rule: "BSP R5402",
      remedy: "Leave the wsse:SecurityTokenReference alone in ds:KeyInfo.",
    });
  }
  const found = reference && keyFor(state, reference, syntax.element, rules);
  if (found !== undefined) return found;
  refuse("ERR_WSS_TOKEN_UNAVAILABLE", "a key was encrypted for a certificate that is not one of trust.decryption", {
    place: () => document.place(syntax.element),
    rule: "trust.decryption",
    remedy: "Encrypt for this service's certificate, or add the one that was used with its private key.",
  });
}

function keyFor(
  state: ReadHeader,
  reference: TokenReferenceTarget,
  at: number,
  rules: DecryptionRules,
): DecryptionKey | undefined {
  const { document } = state.envelope;
  switch (reference.kind) {
    case "direct": {
      const id = IdIndex.fragment(document, at, reference.uri);
      return id === undefined ? undefined : byToken(state, state.index.find(id), rules);
    }
    case "embedded":
      return byToken(state, reference.token, rules);
    case "subjectKeyIdentifier":
      return findDecryptionKey(rules, { subjectKeyIdentifier: reference.value });
    case "thumbprintSha1":
      return findDecryptionKey(rules, { thumbprintSha1: reference.value });
    case "x509Data":
      return byX509Data(reference.x509Data, rules);
    default:
      return undefined;
  }
}

function byToken({ envelope }: ReadHeader, token: number, rules: DecryptionRules): DecryptionKey | undefined {
  const { document } = envelope;
  if (token === -1 || document.name(token) !== wsse.BinarySecurityToken) return undefined;
  const [certificate] = parseBinarySecurityToken(document, token).certificates;
  return certificate && findDecryptionKey(rules, certificate);
}

function byX509Data(data: X509DataSyntax, rules: DecryptionRules): DecryptionKey | undefined {
  const [certificate] = data.certificates;
  if (certificate !== undefined) return findDecryptionKey(rules, Certificate.parse(certificate));
  if (data.issuerSerial !== undefined) return findDecryptionKey(rules, data.issuerSerial);
  const { subjectKeyIdentifier } = data;
  return subjectKeyIdentifier && findDecryptionKey(rules, { subjectKeyIdentifier });
}
