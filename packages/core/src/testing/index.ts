export { createTestAuthority, createTestCertificate, testKeyPair } from "./certificates.js";
export { type ContractCase, type ReplayCacheSubject, replayCacheContract } from "./replay-cache-contract.js";
