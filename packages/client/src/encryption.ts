import { type ContextRecipient, loadEncryption, type OutboundEncryption, requireCipher } from "@countersign/core/sts";
import type { MessageEncryptionDemands } from "./options.js";

/** How a client encrypts its messages. */
export interface MessageEncryption {
  /** Whether that is under the conversation. */
  readonly underContext: boolean;
  /**
   * How one message is encrypted; undefined where the conversation's key would be needed and there is none yet.
   * @param context The context that the message is sent under.
   */
  for(context: ContextRecipient | undefined): OutboundEncryption | undefined;
}

/** @throws ConfigurationError for a certificate or cipher that does not serve */
export function compileEncryption(options: MessageEncryptionDemands): MessageEncryption {
  const { for: recipient, ...rest } = options;
  if (recipient === "context") {
    requireCipher(rest.algorithm, "encrypt.algorithm");
    return { underContext: true, for: (context) => context && { ...rest, for: context } };
  }
  const encryption = loadEncryption({ ...rest, for: recipient }, "encrypt");
  return { underContext: false, for: () => encryption };
}

/** The same for a request about a context: it has none of the service's own header blocks. */
export function withoutBlocks(encryption: OutboundEncryption | undefined): OutboundEncryption | undefined {
  if (encryption?.parts === undefined) return encryption;
  const parts = encryption.parts.filter((part) => typeof part === "string");
  return parts.length === 0 ? undefined : { ...encryption, parts };
}
