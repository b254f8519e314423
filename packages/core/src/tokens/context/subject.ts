import { sha256Hex } from "../../crypto/index.js";
import { refuse } from "../../errors/index.js";
import type { Claim, Principal } from "../../identity/index.js";

/** What a context says of its owner: what the token that established it said. */
export interface ContextSubject {
  readonly principal: Principal;
  /** Who sent the message, where that was not the subject. */
  readonly requestor?: Principal | undefined;
  readonly claims: readonly Claim[];
  /** Name of the issuer as the trust configuration knows it. */
  readonly issuer: string;
  /** Milliseconds since 1970: when the context was established. */
  readonly created: number;
  /** Milliseconds since 1970: no renewal goes beyond it. */
  readonly until: number;
}

const version = 1;

/** What a store keeps of a subject. */
export function writeSubject(subject: ContextSubject): string {
  return JSON.stringify({ version, ...subject });
}

/**
 * Reads what a store kept.
 * @throws ERR_UNAVAILABLE for another version: a node that cannot read it must not guess
 */
export function readSubject(text: string): ContextSubject {
  const { version: found, ...subject } = parse(text);
  if (found !== version) refuseSubject(`a context was kept in version ${String(found)}`);
  return subject as unknown as ContextSubject;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    return refuseSubject("the store gave a context that cannot be read", cause);
  }
}

function refuseSubject(reason: string, cause?: unknown): never {
  refuse("ERR_UNAVAILABLE", reason, {
    rule: "conversation.contexts",
    remedy: "Let every node of the service run one release, or give each release a store of its own.",
    cause,
  });
}

/** What an owner is recognised by: the name, its kind and format, who vouched for it, and who sent it. */
export function ownerOf({
  principal,
  requestor,
  issuer,
}: Omit<ContextSubject, "claims" | "created" | "until">): string {
  const name = (one: Principal | undefined) => one && [one.kind, one.name, one.format ?? null];
  return sha256Hex(JSON.stringify([name(principal), name(requestor) ?? null, issuer]));
}
