import { refuse } from "../errors/index.js";
import type { MessageKey, OpenedSecurity, VerifiedSignature } from "../wss/index.js";

/** A signature that ties a token without a key of its own to the rest of the message, and the key that made it. */
export interface BindingSignature {
  readonly signature: VerifiedSignature;
  readonly key: MessageKey;
}

/**
 * The signature that ties a password or bearer token to its message: made with the key of an EncryptedKey for this service,
 * over the token, which came encrypted under that very key. Nobody else than its sender can then have read the token, taken it
 * out, or put it before another Body (WS-SecurityPolicy 1.3 section 8.7, signed and encrypted supporting tokens of a symmetric
 * binding). The key itself identifies nobody.
 * @param option Path of the alternative's options, for errors.
 * @throws ERR_POLICY_PART_UNPROTECTED where the token came in clear, under another key, or is not signed with it
 */
export function bindingSignature(opened: OpenedSecurity, token: number, option: string): BindingSignature {
  const { document } = opened.envelope;
  const found = opened.decrypted.find(({ element, type }) => element === token && type === "element");
  for (const signature of opened.signatures) {
    const { signer, targets, tokens } = signature;
    if (signer.kind !== "encrypted-key" || signer.source !== found?.key) continue;
    if (!targets.some(({ element }) => element === token) && !tokens.includes(token)) continue;
    requireOneKey(opened, signer.source, option);
    return { signature, key: signer.source };
  }
  refuse(
    "ERR_POLICY_PART_UNPROTECTED",
    found === undefined
      ? "the token did not come encrypted"
      : "no signature with the key that the token is encrypted under covers the token",
    {
      place: () => document.place(token),
      rule: `${option}.over = "encrypted-key"`,
      remedy:
        "Sign the token with the Body and the Timestamp, and encrypt it, all with one EncryptedKey for the service.",
    },
  );
}

/** Cipher text under another key may be somebody else's, who never meant it for this message. */
function requireOneKey({ decrypted, envelope }: OpenedSecurity, key: MessageKey, option: string): void {
  const foreign = decrypted.find((part) => part.key !== key);
  if (foreign === undefined) return;
  refuse("ERR_WSS_FAILED_CHECK", "a part is encrypted under another key than the one that ties the message together", {
    place: () => envelope.document.place(foreign.element),
    rule: `${option}.over = "encrypted-key"`,
    remedy: "Encrypt every part with the one EncryptedKey.",
  });
}
