export type { CertificateAuthority, CertificateRequest, IssuedCertificate, KeyPair } from "../crypto/index.js";
export { createTestAuthority, createTestCertificate, testKeyPair } from "./certificates.js";
export { derValue } from "./der-value.js";
export { createTestOcspAnswer, createTestOcspError, type TestOcspAnswer } from "./ocsp-answer.js";
export { type ContractCase, type ReplayCacheSubject, replayCacheContract } from "./replay-cache-contract.js";
export { createTestRevocationList, type TestRevocationList } from "./revocation-list.js";
export { type SecurityContextStoreSubject, securityContextStoreContract } from "./security-context-store-contract.js";
export { type SessionStoreSubject, sessionStoreContract } from "./session-store-contract.js";
export { listAddress, responderAddress } from "./status-address.js";
