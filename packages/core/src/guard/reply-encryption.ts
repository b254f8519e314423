import { contentCipher } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { Accepted, Alternative } from "../policy/index.js";
import { encryptionFault, loadEncryption, type OutboundEncryption, replyLabel, requireCipher } from "../wss/index.js";
import type { ReplyOptions } from "./options.js";

/** What a request was accepted by: what its reply may be encrypted for. */
export type ReplyRecipient = Pick<Accepted, "certificate" | "context" | "requestKey">;

/** For whom and how a reply is encrypted; undefined for the answer that establishes a context. */
export type ReplyEncryption = (requestor: ReplyRecipient) => OutboundEncryption | undefined;

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
  if (given === "context") return underContext(options, accept);
  if (given === "request-key") return underRequestKey(options, [...accept, ...bootstrap]);
  if (given !== undefined) {
    const encryption = loadEncryption({ ...options, for: given }, "reply.encrypt");
    return () => encryption;
  }
  requireCipher(options.algorithm, "reply.encrypt.algorithm");
  requireCertificates(accept, "accept");
  requireCertificates(bootstrap, "conversation.bootstrap");
  return ({ certificate }) => {
    if (certificate === undefined) refuseRecipient("the requestor proved a key without a certificate");
    const fault = encryptionFault(certificate, options.reference);
    if (fault !== undefined) refuseRecipient(fault);
    return { ...options, for: certificate };
  };
}

/** Encrypts under the context of the request, with a key that no request is accepted under. */
function underContext(
  options: Omit<NonNullable<ReplyOptions["encrypt"]>, "for">,
  accept: readonly Alternative[],
): ReplyEncryption {
  const without = accept.findIndex(({ kind }) => kind !== "context");
  if (without !== -1) fail("for", `A requestor who comes in by accept[${without}] has no context.`, onlyContexts);
  if (options.reference !== undefined) fail("reference", "A context is named by its identifier.", "Remove it.");
  requireCipher(options.algorithm, "reply.encrypt.algorithm");
  return ({ context }) =>
    context && { ...options, for: { name: context.name, secret: context.context.secret, label: replyLabel } };
}

/** Encrypts under the key that came with the request, which the requestor knows by the SHA-1 of its EncryptedKey. */
function underRequestKey(
  options: Omit<NonNullable<ReplyOptions["encrypt"]>, "for">,
  ways: readonly Alternative[],
): ReplyEncryption {
  const { algorithm, reference } = options;
  if (ways.some((alternative) => !mayBringKey(alternative))) {
    fail("for", "A requestor can come in without an EncryptedKey of the request's own.", onlyWithKeys);
  }
  if (reference !== undefined) fail("reference", "The key of the request is named by EncryptedKeySHA1.", "Remove it.");
  requireCipher(algorithm, "reply.encrypt.algorithm");
  return ({ requestKey }) => {
    if (requestKey === undefined) refuseRecipient("no EncryptedKey ties the request together");
    const { secret, sha1 } = requestKey;
    const length = algorithm === undefined ? secret.length : contentCipher(algorithm)?.keyOctets;
    if (length !== secret.length || ![16, 24, 32].includes(length)) {
      refuseRecipient(`the key of the request has ${secret.length} octets`);
    }
    return { ...options, for: { secret, named: { by: "encrypted-key-sha1", sha1 } } };
  };
}

/** Whether a message of an alternative can be tied together by an EncryptedKey. */
function mayBringKey(alternative: Alternative): boolean {
  return (
    provesCertificate(alternative) || ("over" in alternative.options && alternative.options.over === "encrypted-key")
  );
}

const onlyWithKeys = 'Accept x509, holder-of-key, sender-vouches, and tokens over: "encrypted-key" only.';
const onlyContexts = "Accept securityContext only, or name a certificate.";

function fail(option: "for" | "reference", reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", `reply.encrypt.${option}`, reason, remedy);
}

function requireCertificates(ways: readonly Alternative[], option: string): void {
  const without = ways.findIndex((alternative) => !provesCertificate(alternative));
  if (without === -1) return;
  fail(
    "for",
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
