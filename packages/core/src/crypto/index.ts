export type { KeyObject } from "node:crypto";
export {
  type DigestAlgorithm,
  digestAlgorithm,
  digestUri,
  type HashName,
  mgf1Uri,
  type RsaPssParameters,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithm,
  signatureUri,
} from "./algorithms.js";
export { type Base64Options, decodeBase64, encodeBase64 } from "./base64.js";
export { createDigest, type Digester, digest, equalOctets, equalSecrets, sha1, sha256, sha256Hex } from "./digest.js";
export { examineKey, type KeyFacts, type KeyFault, type KeyType, requireFittingKey } from "./key-facts.js";
export { type KeyInput, loadPrivateKey, loadPublicKey, loadSecret, secretKey } from "./keys.js";
export { randomId, randomOctets, randomUuid } from "./random.js";
export { reservationKey } from "./reservation-key.js";
export { signOctets, verifySignatureValue } from "./signature.js";
export {
  type AlgorithmSuite,
  defaultSuite,
  resolveSuite,
  type SuiteName,
  type SuiteOptions,
  suites,
} from "./suites.js";
