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
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import { type ReplyPart, secureMessage } from "../wss/index.js";
import type { CompiledGuard } from "./compile.js";
import type { ReplyOptions } from "./options.js";
import type { ServerReply } from "./seam.js";
import type { SecurityContext } from "./security-context.js";

/** Protects the replies of one route. */
export interface ReplySecurity {
  /** Keeps what a reply to this request must confirm. */
  remember(security: SecurityContext, signatureValues: readonly Uint8Array[]): void;
  secure(security: SecurityContext, reply: ServerReply): ServerReply;
}

/**
 * Compiles reply protection; undefined where a route does not protect its replies.
 * @throws ConfigurationError
 */
export function createReplySecurity(
  options: ReplyOptions | undefined,
  { clock }: CompiledGuard,
): ReplySecurity | undefined {
  if (options === undefined) return undefined;
  const signer = options.sign && compileSigner(options.sign);
  const timestamp = options.timestamp ?? signer !== undefined;
  if (signer !== undefined && !timestamp) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "reply.timestamp",
      "A signed reply without Timestamp can be replayed.",
      "Remove the option.",
    );
  }
  if (!timestamp && options.confirm !== true) return undefined;
  const requests = new WeakMap<SecurityContext, readonly Uint8Array[]>();
  return {
    remember(security, signatureValues) {
      if (options.confirm) requests.set(security, signatureValues);
    },
    secure(security, reply) {
      // A reply without a body (204, 304, HEAD) or on a route without SOAP has no place for a header.
      if (security.message === undefined || reply.body === undefined || reply.body.length === 0) return reply;
      const parts: readonly ReplyPart[] = options.confirm
        ? ["body", "timestamp", "addressing", "confirmations"]
        : ["body", "timestamp", "addressing"];
      const token = signer && issueBinarySecurityToken([signer.certificate]);
      const { envelope, contentType } = secureOrRefuse(reply.body, {
        timestamp: timestamp ? { ttlSeconds: options.ttlSeconds ?? 300 } : false,
        clock,
        confirm: options.confirm ? (requests.get(security) ?? []) : undefined,
        tokens: token && [token.xml],
        signatures: signer && token && [{ ...signer, reference: { by: "token", id: token.id }, parts }],
      });
      const headers = { ...reply.headers, "content-type": contentType, "content-length": String(envelope.length) };
      return { ...reply, headers, body: envelope };
    },
  };
}

interface ReplySigner {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly certificate: Certificate;
}

function compileSigner(sign: NonNullable<ReplyOptions["sign"]>): ReplySigner {
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
  return { key, algorithm: compileAlgorithm(key, sign.algorithm), certificate };
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
