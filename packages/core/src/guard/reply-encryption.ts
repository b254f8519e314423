import type { Certificate } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { Alternative } from "../policy/index.js";
import { encryptionFault, loadEncryption, type OutboundEncryption, requireCipher } from "../wss/index.js";
import type { ReplyOptions } from "./options.js";

/** For whom and how a reply is encrypted, by the certificate that its requestor proved to hold. */
export type ReplyEncryption = (requestor: Certificate | undefined) => OutboundEncryption;

/** By which alternatives requestors come in: with messages, and to establish contexts. */
export interface WaysIn {
  readonly accept?: readonly Alternative[] | undefined;
  readonly bootstrap?: readonly Alternative[] | undefined;
}

/**
 * Compiles `reply.encrypt`.
 * @throws ConfigurationError for a certificate or cipher that does not serve, and where replies are to be encrypted for
 * requestors who may come without a certificate
 */
export function compileReplyEncryption(
  { for: given, ...options }: NonNullable<ReplyOptions["encrypt"]>,
  { accept = [], bootstrap = [] }: WaysIn,
): ReplyEncryption {
  if (given !== undefined) {
    const encryption = loadEncryption({ ...options, for: given }, "reply.encrypt");
    return () => encryption;
  }
  requireCipher(options.algorithm, "reply.encrypt.algorithm");
  requireCertificates(accept, "accept");
  requireCertificates(bootstrap, "conversation.bootstrap");
  return (requestor) => {
    if (requestor === undefined) refuseRecipient("the requestor proved a key without a certificate");
    const fault = encryptionFault(requestor, options.reference);
    if (fault !== undefined) refuseRecipient(fault);
    return { ...options, for: requestor };
  };
}

function requireCertificates(ways: readonly Alternative[], option: string): void {
  const without = ways.findIndex((alternative) => !provesCertificate(alternative));
  if (without === -1) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "reply.encrypt.for",
    `A requestor who comes in by ${option}[${without}] has no certificate that replies could be encrypted for.`,
    "Name the certificate, or accept x509, holder-of-key and sender-vouches only.",
  );
}

/** A password, a bearer token and a JWT prove no key. */
function provesCertificate({ kind, options }: Alternative): boolean {
  return kind === "x509" || ("confirm" in options && options.confirm !== "bearer");
}

/** What must not be sent in clear is not sent. */
function refuseRecipient(reason: string): never {
  refuse("ERR_INTERNAL", `the reply cannot be encrypted: ${reason}`, {
    rule: "reply.encrypt.for",
    remedy: "Name the certificate that replies are encrypted for.",
  });
}
