import { sha256Hex } from "../crypto/index.js";
import { type CountersignError, isRefusal, refuse } from "../errors/index.js";
import { ClaimSet, type ValidatedToken } from "../identity/index.js";
import type { EstablishedContext } from "../tokens/context/index.js";
import { type ContextKey, coverageOf, isReplyKey, requireEncrypted } from "../wss/index.js";
import type { SecurityContextOptions } from "./accept.js";
import type { Accepted, CompiledAlternative } from "./evaluate.js";
import { compileProtection, requireTransport, signatureReplays } from "./protection.js";

/**
 * Compiles `securityContext(...)`: a signature with a key of an established context, over the parts demanded.
 * @param option Path of its options, for errors.
 */
export function compileContext(options: SecurityContextOptions, index: number, option: string): CompiledAlternative {
  // What comes encrypted may be under the context, so that no key of trust.decryption is needed.
  const given = compileProtection(options, option, { decrypts: true });
  // A context is proved by a signature alone: over the transport it covers the Timestamp at least.
  const protection = given.signed.length > 0 ? given : { ...given, signed: ["timestamp" as const] };
  const { requireDerivedKeys = false } = options;
  return {
    index,
    fit({ header, signatures }) {
      if (signatures.some(({ signer }) => signer.kind === "context")) return "proof";
      return header.contextTokens.length > 0 ? "kind" : "none";
    },
    evaluate(opened, circumstances): Accepted {
      requireTransport(protection, circumstances);
      let first: CountersignError | undefined;
      for (const signature of opened.signatures) {
        const { signer } = signature;
        if (signer.kind !== "context") continue;
        try {
          requireRequestKey(signer, requireDerivedKeys, option);
          for (const { context } of opened.decrypted) {
            if (context !== undefined) requireRequestKey(context, requireDerivedKeys, option);
          }
          const coverage = coverageOf(opened, protection.signed, signature, protection.overTransport);
          requireEncrypted(opened, protection.encryption, signature);
          const { requestor } = signer.context.subject;
          const replay = signatureReplays(opened);
          const token = tokenOf(signer.context);
          return { token, requestor, proof: "signature", coverage, alternative: index, replay, context: signer };
        } catch (error) {
          if (!isRefusal(error)) throw error;
          first ??= error;
        }
      }
      if (first !== undefined) throw first;
      refuse("ERR_POLICY_TOKEN_REQUIRED", "no signature with a key of a security context is in the message", {
        rule: option,
        remedy: "Sign the message with a key of an established context.",
      });
    },
  };
}

function requireRequestKey({ derivation }: ContextKey, requireDerivedKeys: boolean, option: string): void {
  if (isReplyKey(derivation)) {
    refuse("ERR_WSS_FAILED_CHECK", "the message is under a key for replies: it was sent back", {
      rule: "WS-SecureConversation 1.4, 7",
      remedy: "Derive the keys of requests by another label.",
    });
  }
  if (!requireDerivedKeys || derivation !== undefined) return;
  refuse("ERR_WSS_FAILED_CHECK", "the message is under the context's own key", {
    rule: `${option}.requireDerivedKeys`,
    remedy: "Sign and encrypt each message with keys derived for it.",
  });
}

/** What the context says, as a token: that of whoever established it. */
function tokenOf({ identifier, expires, subject }: EstablishedContext): ValidatedToken {
  const { principal, claims, issuer } = subject;
  return {
    kind: "context",
    principal,
    claims: new ClaimSet(claims),
    issuer,
    id: identifier,
    expires,
    digest: sha256Hex(identifier),
    replay: [],
  };
}
