import {
  type CertificateAuthority,
  type CertificateRequest,
  createAuthority,
  generateKeyPair,
  type IssuedCertificate,
  type KeyPair,
  type KeyPairType,
  selfSigned,
} from "../crypto/index.js";

const rsaKeys = new Map<string, KeyPair>();

/**
 * A key pair for tests. RSA keys take long to make, so that each label gets one per process; the others are always new.
 */
export function testKeyPair(type: KeyPairType, label: string): KeyPair {
  if (!type.startsWith("rsa")) return generateKeyPair(type);
  const name = `${type} ${label}`;
  const known = rsaKeys.get(name) ?? generateKeyPair(type);
  rsaKeys.set(name, known);
  return known;
}

/** An authority for tests, as `createAuthority` makes them; every RSA key is kept for the next certificate of the same subject. */
export function createTestAuthority(request: CertificateRequest): CertificateAuthority {
  return reusingKeys(createAuthority(withKeys(request)));
}

/** A self-signed certificate for tests; RSA keys are kept as by {@link createTestAuthority}. */
export function createTestCertificate(request: CertificateRequest): IssuedCertificate {
  return selfSigned(withKeys(request));
}

function reusingKeys(authority: CertificateAuthority): CertificateAuthority {
  return {
    ...authority,
    issue: (request) => authority.issue(withKeys(request)),
    subordinate: (request) => reusingKeys(authority.subordinate(withKeys(request))),
  };
}

function withKeys(request: CertificateRequest): CertificateRequest {
  return { ...request, keyPair: request.keyPair ?? testKeyPair(request.keyType ?? "ec", request.subject) };
}
