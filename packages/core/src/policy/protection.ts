import { keyDigest, sha256 } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import type { ReplayEntry } from "../identity/index.js";
import {
  coverageOf,
  type EncryptionDemands,
  type MessagePart,
  type OpenedSecurity,
  type PossessionProof,
  type VerifiedSignature,
} from "../wss/index.js";
import type { MessageProtection } from "./accept.js";
import type { Circumstances } from "./evaluate.js";
import type { RouteTrust } from "./route-trust.js";

/** How one alternative wants messages protected, compiled. */
export interface CompiledProtection {
  /** Parts that the token's signature must cover; empty where no signature is asked for. */
  readonly signed: readonly MessagePart[];
  readonly overTransport: boolean;
  /** What must come encrypted. */
  readonly encryption: EncryptionDemands;
}

/**
 * Completes and checks how an alternative is protected.
 * @param option Path of the alternative's options, for errors.
 * @throws ConfigurationError where a signature would leave the Body unprotected, or where replays could not be recognised
 */
export function compileProtection(
  { signed, over, encrypted, order }: MessageProtection,
  option: string,
  trust: Pick<RouteTrust, "decrypts">,
): CompiledProtection {
  const overTransport = over === "transport";
  const parts = signed ?? (overTransport ? [] : ["body", "timestamp"]);
  if (!overTransport && !parts.includes("body")) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      `${option}.signed`,
      "Nothing protects the Body.",
      'Add "body", or set over: "transport".',
    );
  }
  if (parts.length > 0 && !parts.includes("timestamp")) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      `${option}.signed`,
      "Without a signed Timestamp a replay cannot be recognised.",
      'Add "timestamp".',
    );
  }
  return { signed: parts, overTransport, encryption: compileEncryption({ encrypted, order }, option, trust) };
}

/**
 * Checks what an alternative demands of encryption.
 * @throws ConfigurationError where the route has no key to decrypt with, or an order of nothing is demanded
 */
export function compileEncryption(
  { encrypted = [], order }: Pick<MessageProtection, "encrypted" | "order">,
  option: string,
  { decrypts }: Pick<RouteTrust, "decrypts">,
): EncryptionDemands {
  if (encrypted.length > 0 && !decrypts) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.encrypted`,
      "There is no key that messages could be encrypted for.",
      "Set trust.decryption.",
    );
  }
  if (encrypted.length === 0 && order !== undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.order`,
      "No part has to be encrypted, so there is no order.",
      "Set encrypted, or remove it.",
    );
  }
  return { encrypted, order };
}

/** @throws ConfigurationError where an alternative rests on keys that are encrypted for the service, and none can be */
export function requireDecryption({ decrypts }: Pick<RouteTrust, "decrypts">, option: string): void {
  if (decrypts) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `${option}.over`,
    "There is no key that an EncryptedKey could be for.",
    "Set trust.decryption.",
  );
}

/** @throws ERR_WSS_INVALID_SECURITY where an alternative rests on the transport and the transport is not encrypted */
export function requireTransport(
  { overTransport }: Pick<CompiledProtection, "overTransport">,
  { encrypted }: Pick<Circumstances, "encrypted">,
): void {
  if (!overTransport || encrypted) return;
  refuse("ERR_WSS_INVALID_SECURITY", "the message came over an unencrypted connection", {
    rule: 'accept[].over = "transport"',
    remedy: "Call over TLS. Behind a proxy that ends TLS, name the proxy in the adapter's proxy option.",
  });
}

/**
 * What makes a signed message acceptable only once, whichever of its signatures it is accepted for: else a sender's second
 * signature would let the message in again without the first.
 */
export function signatureReplays(opened: OpenedSecurity): readonly ReplayEntry[] {
  const { timestamp, signatures } = opened;
  return signatures
    .filter(({ targets }) => targets.some(({ element }) => element === timestamp?.element))
    .map((signature) => signatureReplay(signature, opened));
}

/** What makes a signature acceptable only once: the signer's key and the canonical SignedInfo, for as long as its Timestamp lives. */
function signatureReplay(signature: VerifiedSignature, opened: OpenedSecurity): ReplayEntry {
  const { timestamp } = opened;
  if (timestamp === undefined) {
    refuse("ERR_WSS_INVALID_SECURITY", "a signed message has no Timestamp", {
      place: () => opened.envelope.document.place(opened.header.element),
      rule: "WS-Security 1.1, 10",
      remedy: "Send a wsu:Timestamp and sign it.",
    });
  }
  return {
    kind: "message-signature",
    parts: [signerId(signature.signer), signature.signedInfoDigest],
    until: timestamp.acceptableUntil,
    since: timestamp.created,
  };
}

/**
 * What a signer is recognised by. Under a context that is the secret, by its name, and where it came in an EncryptedKey the secret itself, never the derived key: HMAC fills short
 * keys with zeros, so that keys of two lengths may make one signature.
 */
function signerId(signer: VerifiedSignature["signer"]): Uint8Array {
  if (signer.kind === "encrypted-key") return sha256(signer.source.secret);
  if (signer.kind === "assertion" && signer.secret !== undefined) return sha256(signer.secret.octets);
  if (signer.kind !== "context") return keyDigest(signer.key);
  return sha256(JSON.stringify([signer.context.identifier, signer.context.instance]));
}

/**
 * What a signature by an unvouched key proves: possession, and over which parts.
 * @throws ERR_POLICY_PART_UNPROTECTED where it does not cover the Timestamp
 */
export function possessionProof(signature: VerifiedSignature, opened: OpenedSecurity): PossessionProof {
  const { parts } = coverageOf(opened, ["timestamp"], signature, true);
  const { signer } = signature;
  return {
    publicKey: signer.key,
    certificate: signer.kind === "possession" ? signer.certificate : undefined,
    parts: new Set([...parts].flatMap(([name, { by }]) => (by === "signature" ? [name] : []))),
  };
}
