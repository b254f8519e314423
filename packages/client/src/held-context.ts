import { type ContextResponse, computedKey, refuse, type SoapVersion } from "@countersign/core/sts";
import type { Target } from "./requestor.js";

/** A security context that a service has granted. */
export interface HeldContext {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
  /** End of the key by our own clock, milliseconds since 1970. */
  readonly expires: number;
  /** Where it holds, and in which SOAP version it is spoken about. */
  readonly peer: Peer;
}

/** Whom a context is held with. */
export interface Peer {
  readonly url: URL;
  readonly target: Target;
  readonly version: SoapVersion;
}

/** What a context was asked for with, and what it is made of. */
export interface ContextAsked {
  /** Our share of the key. */
  readonly entropy: Uint8Array;
  readonly peer: Peer;
  /** The context that is to be renewed. */
  readonly held: HeldContext | undefined;
  /** Our own clock, milliseconds since 1970. */
  readonly now: number;
}

/** Where the service names no end: how long a context is used, in milliseconds. */
const unknownLife = 300_000;
/** Bits of the keys that are asked for. */
export const keyBits = 256;

/**
 * The context that a service grants, new or renewed.
 * @throws ERR_SERVICE_RESPONSE_INVALID for an answer that does not say what the key is, or is about another context
 */
export function grantedContext(
  { token, proof, keySize = keyBits, lifetime }: ContextResponse,
  { entropy, peer, held, now }: ContextAsked,
): HeldContext {
  if (token === undefined || proof === undefined) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer does not say what the context's key is", {
      rule: "WS-Trust 1.4, 4.4.3",
    });
  }
  if (held !== undefined && (token.identifier !== held.identifier || token.instance === held.instance)) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer does not renew the context that was named", {
      rule: "WS-SecureConversation 1.4, 5",
    });
  }
  if (proof.kind === "computed" && keySize !== keyBits) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", `the answer makes a key of ${keySize} bits, not of ${keyBits}`, {
      rule: "WS-Trust 1.4, 9.2",
    });
  }
  const secret = proof.kind === "key" ? proof.key : computedKey(entropy, proof.entropy, keyBits / 8);
  const expires = endOf(lifetime, now);
  return { identifier: token.identifier, instance: token.instance, secret, expires, peer };
}

/**
 * A context after an amendment: with the same key, and never with a longer life.
 * @throws ERR_SERVICE_RESPONSE_INVALID for an answer about another context
 */
export function amendedContext({ token, lifetime }: ContextResponse, held: HeldContext, now: number): HeldContext {
  if (token?.identifier !== held.identifier || token.instance !== held.instance) {
    refuse("ERR_SERVICE_RESPONSE_INVALID", "the answer does not amend the context that was named", {
      rule: "WS-SecureConversation 1.4, 4",
    });
  }
  return lifetime === undefined ? held : { ...held, expires: Math.min(held.expires, endOf(lifetime, now)) };
}

/** Their clock may differ from ours: the length of a life counts where it is told. */
function endOf({ created, expires }: NonNullable<ContextResponse["lifetime"]> = {}, now: number): number {
  if (expires === undefined) return now + unknownLife;
  return created === undefined ? expires : now + expires - created;
}
