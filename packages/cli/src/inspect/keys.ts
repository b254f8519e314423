import { examineKey, type KeyObject } from "@countersign/core/inspect";

const names = { rsa: "RSA", ec: "ECDSA P-", ed25519: "Ed25519", secret: "secret" } as const;

/** Kind and size of a key, or why it cannot be used. */
export function keyText(key: KeyObject): string {
  const facts = examineKey(key);
  if ("reason" in facts) return `${key.asymmetricKeyType ?? key.type}, not usable: ${facts.reason}`;
  if (facts.type === "rsa") return `${names.rsa} ${facts.bits}`;
  return facts.type === "ec" ? `${names.ec}${facts.bits}` : names[facts.type];
}
