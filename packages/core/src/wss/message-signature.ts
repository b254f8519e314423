import { equalOctets, sha256 } from "../crypto/index.js";
import { isRefusal, placed, refuse } from "../errors/index.js";
import { parseCidUrl } from "../mime/index.js";
import type { CanonicalForm } from "../xml/index.js";
import {
  type AttachmentTarget,
  type VerifiedSignature as HeldSignature,
  type ReferenceTarget,
  resolveReferences,
  type SignatureSyntax,
  verifySignature,
  verifySignatureRemotely,
} from "../xmlsec/index.js";
import type { MessageKey } from "./message-keys.js";
import type { MessageState, SignatureRules } from "./message-state.js";
import { tokenById } from "./read-header.js";
import { findSigner, type Signer, type SignerSources } from "./signer.js";
import type { SplicedDocument } from "./spliced.js";
import type { Protection } from "./verified-message.js";
import { toRemote } from "./xop-include.js";

/** A signature that was verified with the key of a known signer. */
export interface VerifiedSignature {
  /** As it stood in the state of the message that it was verified over. */
  readonly syntax: SignatureSyntax;
  /** The ds:Signature, where it stands now. */
  readonly element: number;
  readonly signer: Signer;
  /** The elements that it covers where they stand, each with the canonical form of its Reference. */
  readonly targets: readonly { readonly element: number; readonly form: CanonicalForm }[];
  /** The tokens that it covers through an STR-Transform: by what they say, not by where they stand. */
  readonly tokens: readonly number[];
  /** The attachments that it covers. */
  readonly attachments: readonly AttachmentTarget[];
  /** SHA-256 of the canonical SignedInfo: with the signer's key, what a replay is recognised by. */
  readonly signedInfoDigest: Buffer;
  readonly protection: Protection;
  /** How many rounds of decryption were done when it was verified: what was decrypted later it covers as cipher text. */
  readonly round: number;
  /** Signatures by keys that identify nobody which this one covers: what they cover is among its targets and tokens. */
  readonly endorsed?: readonly VerifiedSignature[] | undefined;
  /** Where it covers such signatures: the elements that it covers itself. */
  readonly own?: VerifiedSignature["targets"] | undefined;
}

/**
 * Verifies a signature of the Security header over the message in a state of decryption, with a key of configured trust or
 * of a verified assertion.
 * @param round How many rounds of decryption led to the state.
 * @throws the ERR_WSS_ codes
 */
export async function verifyMessageSignature(
  state: MessageState,
  syntax: SignatureSyntax,
  { trusts, keyNames, contexts, possession, suite }: SignatureRules,
  now: number,
  round: number,
): Promise<VerifiedSignature> {
  const { envelope, header, index, assertions, keys } = state;
  const { document } = envelope;
  const targets = resolveReferences(document, syntax, index, state.attachments && { attachmentId: parseCidUrl });
  const elementById = (id: string) => tokenById(state, id);
  const sources = {
    document,
    header: header.element,
    elementById,
    assertions,
    trusts,
    keyNames,
    contexts,
    keys,
    state,
    possession,
    now,
  };
  const signer = await signerOf(syntax, sources);
  if (signer.kind === "encrypted-key" && signer.source.own.some((value) => equalOctets(value, syntax.value))) {
    refuse("ERR_WSS_FAILED_CHECK", "this side made the signature itself: it was sent back", {
      place: () => document.place(syntax.element),
      rule: "WS-Security 1.1, 7.7",
    });
  }
  const { signedInfo, references } = await verifyWith(state, syntax, signer.key, targets, suite);
  const covered = references.filter(({ element, without }) => element !== -1 && without === -1);
  return {
    syntax,
    element: syntax.element,
    signer,
    targets: covered.filter(({ tokenReference }) => tokenReference === undefined),
    attachments: references.flatMap(({ attachment }) => attachment ?? []),
    tokens: covered.filter(({ tokenReference }) => tokenReference !== undefined).map(({ element }) => element),
    signedInfoDigest: sha256(signedInfo),
    protection: { by: "signature", signer: describe(signer), algorithm: syntax.algorithmUri },
    round,
  };
}

/** With the digester that the message needs: in a worker, or with attachments. */
function verifyWith(
  { envelope: { document }, local, remote, attachments }: MessageState,
  syntax: SignatureSyntax,
  key: Signer["key"],
  targets: readonly ReferenceTarget[],
  suite: SignatureRules["suite"],
): HeldSignature | Promise<HeldSignature> {
  if (attachments === undefined) {
    return remote === undefined
      ? verifySignature(document, syntax, key, targets, local, suite)
      : verifySignatureRemotely(document, syntax, key, targets, remote, suite);
  }
  const { parts } = attachments;
  return verifySignatureRemotely(document, syntax, key, targets, remote ?? toRemote(local), suite, {
    digest: async (id, coverage, algorithm) => (await parts.find(id))?.digest(coverage, algorithm),
  });
}

function describe(signer: Signer): string {
  if (signer.kind === "certificate") return signer.certificate.subject;
  if (signer.kind === "context") return signer.context.subject.principal.name;
  if (signer.kind === "encrypted-key") return "EncryptedKey";
  return signer.kind === "assertion" ? signer.assertion.issuer : "possession";
}

/**
 * Gives endorsing signatures what they endorse (WS-SecurityPolicy 1.3 section 8.3): whoever signs a signature signs its
 * digests, and so all that it covers. Of signatures by a key that came encrypted only, which is nobody's: the others speak for
 * their own signers.
 */
export function withEndorsed(signatures: readonly VerifiedSignature[]): readonly VerifiedSignature[] {
  const anonymous = signatures.filter(({ signer }) => signer.kind === "encrypted-key");
  if (anonymous.length === 0) return signatures;
  return signatures.map((signature) => {
    if (signature.signer.kind === "encrypted-key") return signature;
    const endorsed = anonymous.filter(({ element }) => signature.targets.some((target) => target.element === element));
    if (endorsed.length === 0) return signature;
    const targets = [...signature.targets, ...endorsed.flatMap((one) => one.targets)];
    const tokens = [...signature.tokens, ...endorsed.flatMap((one) => one.tokens)];
    return { ...signature, targets, tokens, endorsed, own: signature.targets };
  });
}

/** The EncryptedKey whose key made a signature that this one endorses: whoever endorses it has that key too. */
export function endorsedKey({ endorsed }: VerifiedSignature): MessageKey | undefined {
  for (const { signer } of endorsed ?? []) if (signer.kind === "encrypted-key") return signer.source;
  return undefined;
}

/**
 * A signature after a round of decryption: what it covers, where that stands now. An element that came in place of signed
 * cipher text is covered as that was; content that came in place of signed cipher text alone is no element.
 * @throws ERR_INTERNAL where the signer's assertion is lost
 */
export function afterDecryption(
  signature: VerifiedSignature,
  spliced: SplicedDocument,
  { assertions }: MessageState,
): VerifiedSignature {
  const { signer } = signature;
  const targets = signature.targets
    .map((target) => ({ ...target, element: spliced.elementOf(target.element) }))
    .filter(({ element }) => element !== -1);
  const tokens = signature.tokens.map((token) => spliced.elementOf(token)).filter((token) => token !== -1);
  const element = spliced.elementOf(signature.element);
  if (signer.kind !== "assertion") return { ...signature, element, targets, tokens };
  const its = spliced.elementOf(signer.assertion.element);
  const assertion = assertions.find((one) => one.element === its);
  if (assertion === undefined) refuse("ERR_INTERNAL", "the signer's assertion is not in the decrypted message");
  return { ...signature, element, targets, tokens, signer: { ...signer, assertion } };
}

/** What is wrong with a certificate alone is told at the signature that it was meant for. */
async function signerOf({ keyInfo, element }: SignatureSyntax, sources: SignerSources): Promise<Signer> {
  try {
    return await findSigner(keyInfo, element, sources);
  } catch (error) {
    throw isRefusal(error) ? placed(error, () => sources.document.place(element)) : error;
  }
}
