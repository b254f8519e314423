import {
  Certificate,
  isSameKeyPair,
  type KeyObject,
  loadPrivateKey,
  requireFittingKey,
  signatureAlgorithm,
  signatureUriFor,
} from "../crypto/index.js";
import { ConfigurationError, isCountersignError, refuse } from "../errors/index.js";
import type { Accepted } from "../policy/index.js";
import { issueDerivedKey, writeContextReference } from "../tokens/context/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  type ContextKey,
  type MessageKey,
  type OutboundSignature,
  type ReplyPart,
  replyLabel,
  secureMessage,
} from "../wss/index.js";
import type { CompiledGuard } from "./compile.js";
import type { ReplyOptions } from "./options.js";
import { compileReplyEncryption, type WaysIn } from "./reply-encryption.js";
import type { ServerReply } from "./seam.js";
import type { SecurityContext } from "./security-context.js";

/** Protects the replies of one route. */
export interface ReplySecurity {
  /**
   * Keeps what a reply to this request must confirm, and what of its acceptance the reply may be protected by: the context, the
   * key that ties the request together, the certificate that its sender proved to hold.
   */
  remember(security: SecurityContext, signatureValues: readonly Uint8Array[], accepted?: ReplyKeys): void;
  secure(security: SecurityContext, reply: ServerReply): ServerReply;
}

/**
 * Compiles reply protection; undefined where a route does not protect its replies.
 * @param ways By which requestors come in: whether each has a certificate that replies can be encrypted for.
 * @throws ConfigurationError
 */
export function createReplySecurity(
  options: ReplyOptions | undefined,
  { clock, rules }: Pick<CompiledGuard, "clock" | "rules">,
  ways: WaysIn = {},
): ReplySecurity | undefined {
  if (options === undefined) return undefined;
  const encryptionFor = options.encrypt && compileReplyEncryption(options.encrypt, ways);
  const sign = compileSigning(options.sign, rules);
  const timestamp = options.timestamp ?? sign !== undefined;
  if (sign !== undefined && !timestamp) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "reply.timestamp",
      "A signed reply without Timestamp can be replayed.",
      "Remove the option.",
    );
  }
  if (!timestamp && options.confirm !== true && encryptionFor === undefined) return undefined;
  const requests = new WeakMap<SecurityContext, Request>();
  return {
    remember(security, signatureValues, accepted) {
      const { context, requestKey, certificate } = accepted ?? {};
      requests.set(security, { signatureValues, context, requestKey, certificate });
    },
    secure(security, reply) {
      // A reply without a body (204, 304, HEAD) or on a route without SOAP has no place for a header.
      if (security.message === undefined || reply.body === undefined || reply.body.length === 0) return reply;
      const parts: readonly ReplyPart[] = options.confirm
        ? ["body", "timestamp", "addressing", "confirmations"]
        : ["body", "timestamp", "addressing"];
      const request = requests.get(security);
      const signed = sign?.(request ?? {});
      const { envelope, contentType } = secureOrRefuse(reply.body, {
        timestamp: timestamp ? { ttlSeconds: options.ttlSeconds ?? 300 } : false,
        clock,
        confirm: options.confirm ? (request?.signatureValues ?? []) : undefined,
        encrypt: encryptionFor?.(request ?? {}),
        tokens: signed?.token === undefined ? undefined : [signed.token],
        signatures: signed && [{ ...signed.by, parts }],
      });
      const headers = { ...reply.headers, "content-type": contentType, "content-length": String(envelope.length) };
      return { ...reply, headers, body: envelope };
    },
  };
}

/** What a request was accepted by, as far as its reply may be protected by it. */
export type ReplyKeys = Pick<Accepted, "context" | "requestKey" | "certificate">;

/** What is kept of a request until its reply. */
interface Request extends ReplyKeys {
  readonly signatureValues: readonly Uint8Array[];
}

/** What signs one reply: the token that names the key, and the key. */
interface ReplySigner {
  readonly token: string | undefined;
  readonly by: Omit<OutboundSignature, "parts">;
}

type Signing = (request: ReplyKeys) => ReplySigner | undefined;

function compileSigning(
  sign: ReplyOptions["sign"],
  { contexts, decryption }: CompiledGuard["rules"],
): Signing | undefined {
  if (sign === undefined) return undefined;
  if (sign === "request-key") {
    if (decryption !== undefined && decryption.keys.length > 0)
      return ({ requestKey }) => requestKey && signWith(requestKey);
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "reply.sign",
      "No request can have a key of its own: nothing can be encrypted for this service.",
      "Set trust.decryption, or give a key and its certificate.",
    );
  }
  if (sign !== "context") return compileSigner(sign);
  if (contexts !== undefined) return ({ context }) => context && signUnder(context);
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "reply.sign",
    "This route takes no security contexts.",
    "Accept a securityContext, or give a key and its certificate.",
  );
}

/** Signs under the context of the request, with a key that no request is accepted under. */
function signUnder({ name, context }: ContextKey): ReplySigner {
  const reference = writeContextReference(name);
  const { xml, id, valueType, key } = issueDerivedKey(name.words, {
    secret: context.secret,
    reference,
    label: replyLabel,
  });
  return { token: xml, by: { key, reference: { by: "token", id, valueType } } };
}

/** Signs with the key of the request, which the requestor knows by the SHA-1 of its EncryptedKey. */
function signWith({ key, sha1 }: MessageKey): ReplySigner {
  return { token: undefined, by: { key, reference: { by: "encrypted-key-sha1", sha1 } } };
}

function compileSigner(sign: Exclude<NonNullable<ReplyOptions["sign"]>, string>): Signing {
  const key = loadPrivateKey(sign.key, "reply.sign.key");
  const certificate = Certificate.load(sign.certificate, "reply.sign.certificate");
  if (!isSameKeyPair(certificate.publicKey, key)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "reply.sign.certificate",
      "The certificate is not for reply.sign.key.",
      "Give the key and its own certificate.",
    );
  }
  const algorithm = compileAlgorithm(key, sign.algorithm);
  return () => {
    const { xml, id } = issueBinarySecurityToken([certificate]);
    return { token: xml, by: { key, algorithm, reference: { by: "token", id } } };
  };
}

function compileAlgorithm(key: KeyObject, given: string | undefined): string {
  const uri = given ?? signatureUriFor(key);
  const algorithm = signatureAlgorithm(uri);
  try {
    if (algorithm !== undefined) requireFittingKey(algorithm, key);
  } catch (cause) {
    if (!isCountersignError(cause)) throw cause;
    failAlgorithm(`${cause.detail.reason}.`);
  }
  return algorithm === undefined ? failAlgorithm(`${uri} is no signature method that is supported.`) : uri;
}

function failAlgorithm(reason: string): never {
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    "reply.sign.algorithm",
    reason,
    "Name a signature method that goes with reply.sign.key, or leave it out.",
  );
}

/** A handler's reply that is no SOAP envelope is a defect of the service, never a refusal of the caller. */
function secureOrRefuse(...parameters: Parameters<typeof secureMessage>): ReturnType<typeof secureMessage> {
  try {
    return secureMessage(...parameters);
  } catch (cause) {
    if (!isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", `the handler's reply cannot be secured: ${cause.detail.reason}`, {
      rule: "reply",
      remedy: "Answer with a SOAP envelope that has no Security header of its own.",
      cause,
    });
  }
}
