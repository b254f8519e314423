import type { Certificate, CertificateTrust, KeyObject } from "../crypto/index.js";
import { type CountersignError, isRefusal, refuse } from "../errors/index.js";
import type { Principal, Proof, ReplayEntry, ValidatedToken } from "../identity/index.js";
import {
  type ContextKey,
  type Coverage,
  type MessageKey,
  type OpenedSecurity,
  type PossessionProof,
  requireOwnCipherText,
} from "../wss/index.js";
import type { Presentation } from "./token-validator.js";

/** What evaluation knows besides the message. */
export interface Circumstances extends Omit<Presentation, "key" | "secret"> {
  /** The requestor's TLS certificate, DER. */
  readonly peerCertificate: Uint8Array | undefined;
}

/** A message that satisfied one alternative whole. */
export interface Accepted {
  readonly token: ValidatedToken;
  /** Who sent the message, where that is not the token's subject. */
  readonly requestor?: Principal | undefined;
  readonly proof: Proof;
  /** The certificate that the sender proved to hold the key of: what replies may be encrypted for. */
  readonly certificate?: Certificate | undefined;
  /** The key that an assertion confirms and the sender proved to hold. */
  readonly key?: KeyObject | undefined;
  readonly coverage: Coverage;
  /** Index in the route's `accept` list. */
  readonly alternative: number;
  /** Everything that must be reserved before the handler runs. */
  readonly replay: readonly ReplayEntry[];
  /** The key of the context that the message was accepted by. */
  readonly context?: ContextKey | undefined;
  /** The key of the EncryptedKey that ties the message together, where the sender is tied to it too: what replies may be signed under. */
  readonly requestKey?: MessageKey | undefined;
  /** Keys proved without a voucher: see `SecurityEvidence.possession`. */
  readonly possession?: readonly PossessionProof[] | undefined;
}

/** Whether a message carries another kind of token than an alternative wants, that kind, or even that kind with the proof wanted. */
export type Fit = "none" | "kind" | "proof";

/** One alternative of a route, compiled: whether a message is meant for it, and whether it satisfies it. */
export interface CompiledAlternative {
  readonly index: number;
  /** How far the message is meant for this alternative. Grants nothing; of several refusals the best fit's is told. */
  fit(opened: OpenedSecurity): Fit;
  evaluate(opened: OpenedSecurity, circumstances: Circumstances): Accepted | Promise<Accepted>;
}

/** An alternative that lets certificates sign. */
export interface SignedAlternative extends CompiledAlternative {
  /** Whose certificates may sign for this alternative; undefined where only keys confirmed by an assertion may. */
  readonly signers: CertificateTrust | undefined;
}

/**
 * Finds the first alternative that a message satisfies whole. Where none does, the refusal is that of the one that the
 * message fits best: it tells the developer most.
 * @param owner A context whose owner is known already to have sent the message.
 * @throws that refusal, or at once an outage or a defect; ERR_TOKEN_MISSING where the message carries no token at all,
 * ERR_WSS_UNSUPPORTED_TOKEN where none is of a kind that the route accepts
 */
export async function evaluateAlternatives(
  alternatives: readonly CompiledAlternative[],
  opened: OpenedSecurity,
  circumstances: Circumstances,
  owner?: ContextKey,
): Promise<Accepted> {
  let refusal: CountersignError | undefined;
  let best: Fit = "none";
  for (const alternative of alternatives) {
    const fit = alternative.fit(opened);
    if (fit === "none") continue;
    try {
      const accepted = await alternative.evaluate(opened, circumstances);
      requireOwnCipherText(opened, accepted.context ?? owner);
      return accepted;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (refusal === undefined || (fit === "proof" && best === "kind")) {
        refusal = error;
        best = fit;
      }
    }
  }
  if (refusal !== undefined) throw refusal;
  const { header, envelope, signatures } = opened;
  if (header.signatures.length > 0 && signatures.some(({ signer }) => signer.kind === "encrypted-key")) {
    refuse("ERR_POLICY_TOKEN_REQUIRED", "the message is signed with a key that came encrypted, which is nobody's", {
      place: () => envelope.document.place(header.element),
      rule: "accept",
      remedy: "Endorse the signature with a certificate, or sign and encrypt a token with the same key.",
    });
  }
  const empty =
    header.usernameTokens.length +
      header.assertions.length +
      header.signatures.length +
      header.binaryTokens.length +
      header.contextTokens.length ===
    0;
  refuse(
    empty ? "ERR_TOKEN_MISSING" : "ERR_WSS_UNSUPPORTED_TOKEN",
    empty ? "the Security header carries no token" : "the message carries no kind of token that this route accepts",
    {
      place: () => envelope.document.place(header.element),
      rule: "accept",
      remedy: "Send a token of a kind that the route accepts, or add an alternative for this one.",
    },
  );
}
