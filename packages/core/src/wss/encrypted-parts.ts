import { refuse } from "../errors/index.js";
import { forEachBlock } from "../soap/index.js";
import type { ContextKey } from "./context-key.js";
import type { DecryptedPart } from "./decryption-round.js";
import type { EncryptedPart } from "./message-part.js";
import type { VerifiedSignature } from "./message-signature.js";
import type { OpenedSecurity } from "./open.js";
import { partElements } from "./part-elements.js";

/** In which order a sender signs and encrypts (WS-SecurityPolicy 1.3 section 6.3, Protection Order). */
export type ProtectionOrder = "sign-then-encrypt" | "encrypt-then-sign";

/** What an alternative demands of encryption. */
export interface EncryptionDemands {
  readonly encrypted: readonly EncryptedPart[];
  /** Of the Body and header blocks; default either. */
  readonly order?: ProtectionOrder | undefined;
}

/**
 * Refuses a message of which a part came in clear that had to come encrypted, or was encrypted in another order.
 * @param signature The accepted token's signature, whose order counts.
 * @throws ERR_POLICY_PART_UNPROTECTED for a part in clear, or a header block that is not there; ERR_WSS_INVALID_SECURITY for
 * the order
 */
export function requireEncrypted(
  opened: OpenedSecurity,
  { encrypted, order }: EncryptionDemands,
  signature: VerifiedSignature | undefined,
): void {
  const { document } = opened.envelope;
  for (const part of encrypted) {
    for (const element of elementsOf(opened, part)) {
      const found = decryptedAt(opened, element, part);
      if (found === undefined) {
        refuse("ERR_POLICY_PART_UNPROTECTED", `${document.qualifiedName(element)} did not come encrypted`, {
          place: () => document.place(element),
          rule: "accept[].encrypted",
          remedy: "Encrypt this part for the service.",
        });
      }
      // Signatures and tokens are encrypted after what they sign, whatever the order of the rest.
      if (part === "signature" || part === "token") continue;
      if (signature !== undefined && order !== undefined && orderOf(found, signature, element) !== order) {
        refuse("ERR_WSS_INVALID_SECURITY", `${document.qualifiedName(element)} was not made by ${order}`, {
          place: () => document.place(element),
          rule: "accept[].order",
          remedy: "Sign and encrypt in the order that the service demands.",
        });
      }
    }
  }
}

/**
 * Refuses cipher text under a key of a security context where the message is accepted by anything else than a signature under
 * that context: its sender could be passing on what the context's owner encrypted.
 * @param owner The key that the message is accepted by.
 * @throws ERR_WSS_FAILED_CHECK
 */
export function requireOwnCipherText({ decrypted, envelope }: OpenedSecurity, owner: ContextKey | undefined): void {
  for (const { context, element } of decrypted) {
    if (context === undefined || context.context.identifier === owner?.context.identifier) continue;
    refuse("ERR_WSS_FAILED_CHECK", "cipher text under a security context whose key did not sign the message", {
      place: () => envelope.document.place(element),
      rule: "WS-SecureConversation 1.4, 7",
      remedy: "Sign and encrypt under the same context.",
    });
  }
}

/** Names of the parts that came encrypted, for evidence and audit: `body`, `signature`, `token`, `{namespace}name`. */
export function encryptedNames(opened: OpenedSecurity): ReadonlySet<string> {
  const names = new Set<string>();
  if (opened.decrypted.length === 0) return names;
  const { envelope, header } = opened;
  const isDecrypted = (element: number, part: EncryptedPart) => decryptedAt(opened, element, part) !== undefined;
  if (isDecrypted(envelope.body, "body")) names.add("body");
  for (const part of ["signature", "token"] as const) {
    const elements = elementsOf(opened, part);
    if (elements.length > 0 && elements.every((element) => isDecrypted(element, part))) names.add(part);
  }
  forEachBlock(envelope, (block) => {
    const name = { namespace: envelope.document.namespace(block), name: envelope.document.localName(block) };
    if (block !== header.element && isDecrypted(block, name)) names.add(`{${name.namespace}}${name.name}`);
  });
  return names;
}

function elementsOf(opened: OpenedSecurity, part: EncryptedPart): readonly number[] {
  const { envelope, header } = opened;
  if (part === "signature") return header.signatures;
  if (part === "token") return [...header.usernameTokens, ...header.assertions];
  return partElements(envelope, header.element, part);
}

function decryptedAt({ decrypted }: OpenedSecurity, element: number, part: EncryptedPart): DecryptedPart | undefined {
  const type = part === "body" ? "content" : "element";
  return decrypted.find((one) => one.element === element && one.type === type);
}

/** Of what a signature covers by endorsing another, its signer need not have known the plaintext. */
function orderOf(
  { round }: DecryptedPart,
  { round: signed, own }: VerifiedSignature,
  element: number,
): ProtectionOrder {
  const direct = own === undefined || own.some((target) => target.element === element);
  return direct && round < signed ? "sign-then-encrypt" : "encrypt-then-sign";
}
