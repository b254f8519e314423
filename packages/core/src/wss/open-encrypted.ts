import { refuse } from "../errors/index.js";
import type { SignatureSyntax } from "../xmlsec/index.js";
import type { DecryptionRules } from "./decryption-keys.js";
import { childrenOf, type DecryptionPlan } from "./decryption-plan.js";
import { decryptRound, type Progress } from "./decryption-round.js";
import { verifyMessageSignature } from "./message-signature.js";
import type { MessageState, SignatureRules } from "./message-state.js";
import { encryption } from "./names.js";

/** Most rounds of decryption: each is a scan of the whole message. Real ones need one or two. */
const maxRounds = 3;

/**
 * Works off a Security header with cipher text, from its first child to its last: signatures are verified and cipher text is
 * decrypted in the order that the header gives them.
 * @throws the ERR_WSS_ and ERR_TOKEN_ codes
 */
export async function openEncrypted(
  state: MessageState,
  plan: DecryptionPlan,
  rules: SignatureRules & { readonly decryption: DecryptionRules },
  now: number,
): Promise<Progress> {
  let progress: Progress = { state, plan, signatures: [], decrypted: [] };
  const done = new Set<number>();
  for (let round = 0; ; round++) {
    const { verify, decrypt } = nextSteps(progress.state, plan, done);
    for (const syntax of verify) {
      const signature = await verifyMessageSignature(progress.state, syntax, rules, now, round);
      progress = { ...progress, signatures: [...progress.signatures, signature] };
    }
    if (decrypt.length === 0) break;
    if (round === maxRounds) refuseRounds(progress.state);
    progress = decryptRound(progress, decrypt, round, rules);
  }
  requireAllDecrypted(progress.state, plan);
  return progress;
}

/** What is to be done with a message in one state: signatures to verify first, then children of the header to decrypt by. */
interface Steps {
  readonly verify: readonly SignatureSyntax[];
  /** Ordinals of children of the header. */
  readonly decrypt: readonly number[];
}

/**
 * The next children of the header to be worked off. Decrypting ends in front of a signature, and in front of cipher text
 * that may turn out to be one.
 * @param done Ordinals of children that were worked off; those of the result are added.
 */
function nextSteps(state: MessageState, plan: DecryptionPlan, done: Set<number>): Steps {
  const { document } = state.envelope;
  const verify: SignatureSyntax[] = [];
  const decrypt: number[] = [];
  for (const [ordinal, child] of childrenOf(document, state.header.element).entries()) {
    if (done.has(ordinal)) continue;
    const signature = state.signatures.get(child);
    if (signature !== undefined) {
      if (decrypt.length > 0) break;
      verify.push(signature);
      done.add(ordinal);
    } else if ((plan.get(ordinal) ?? []).length > 0) {
      decrypt.push(ordinal);
      done.add(ordinal);
    } else if (decrypt.length > 0 && document.name(child) === encryption.EncryptedData) break;
  }
  return { verify, decrypt };
}

/** Refuses cipher text in the header that no ReferenceList named, and what came out of cipher text to be decrypted again. */
function requireAllDecrypted({ envelope: { document }, header }: MessageState, plan: DecryptionPlan): void {
  for (const [ordinal, child] of childrenOf(document, header.element).entries()) {
    if (plan.has(ordinal) || !header.encryptions.includes(child)) continue;
    refuse("ERR_WSS_INVALID_SECURITY", "the Security header holds cipher text that nothing in it decrypts", {
      place: () => document.place(child),
      rule: "BSP R3215",
      remedy: "Name each EncryptedData in one ReferenceList, and encrypt nothing twice.",
    });
  }
}

function refuseRounds({ envelope: { document }, header }: MessageState): never {
  refuse("ERR_WSS_INVALID_SECURITY", `signatures and encryptions alternate more than ${maxRounds} times`, {
    place: () => document.place(header.element),
    rule: "limits",
    remedy: "Sign once and encrypt once.",
  });
}
