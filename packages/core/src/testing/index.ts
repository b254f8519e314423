export type { CertificateAuthority, CertificateRequest, IssuedCertificate, KeyPair } from "../crypto/index.js";
export { createTestAuthority, createTestCertificate, testKeyPair } from "./certificates.js";
export { derValue } from "./der-value.js";
export { type ContractCase, type ReplayCacheSubject, replayCacheContract } from "./replay-cache-contract.js";
