import type { KeyObject } from "node:crypto";
import { keyAgreementFor } from "./key-agreement.js";
import { examineKey, type KeyFault } from "./key-facts.js";

/**
 * Why nothing can be encrypted for the holder of a key pair; undefined where it can: RSA for key transport, P-256, P-384,
 * P-521 and X25519 for key agreement. Either half of the pair may be asked about.
 */
export function encryptionKeyFault(key: KeyObject): KeyFault | undefined {
  if (keyAgreementFor(key) !== undefined) return undefined;
  const facts = examineKey(key);
  if ("reason" in facts) return facts;
  if (facts.type === "rsa" && facts.pssOnly === undefined) return undefined;
  return { reason: "it can only sign", weak: false };
}
