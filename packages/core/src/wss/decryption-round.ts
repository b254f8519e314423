import { isCountersignError, refuse } from "../errors/index.js";
import { parseEnvelope } from "../soap/index.js";
import { canonicalize, scan, type XmlDocument, type XmlLimits } from "../xml/index.js";
import { IdIndex, refuseDecryption, requireDecryptedXml } from "../xmlsec/index.js";
import { contextFor, sourceOf } from "./content-keys.js";
import type { ContextKey } from "./context-key.js";
import { coveredNamespaces, requireCoveredNames } from "./covered-names.js";
import type { DecryptionRules } from "./decryption-keys.js";
import { childrenOf, type DecryptionPlan, type PlannedData } from "./decryption-plan.js";
import type { EncryptedPlace, PlaintextType } from "./encrypted-place.js";
import type { MessageKey } from "./message-keys.js";
import { afterDecryption, type VerifiedSignature } from "./message-signature.js";
import { type MessageState, readState, type SignatureRules } from "./message-state.js";
import { wsseNamespace } from "./names.js";
import { findSecurityHeader, isSecurityName, parseSecurityHeader } from "./security-header.js";
import { type Replacement, SplicedDocument } from "./spliced.js";

/** A part of a message that came encrypted for us. */
export interface DecryptedPart {
  /** The element; where its content alone was encrypted, the element that holds it. */
  readonly element: number;
  readonly type: PlaintextType;
  /** URI of the content cipher. */
  readonly algorithm: string;
  /** The round of decryption that it came out of, from 0. */
  readonly round: number;
  /** Set where it was encrypted under a key of a security context. */
  readonly context: ContextKey | undefined;
  /** The EncryptedKey whose key, or one derived from it, opened it; undefined where a context did. */
  readonly key: MessageKey | undefined;
}

/** How far a message is opened. */
export interface Progress {
  readonly state: MessageState;
  readonly plan: DecryptionPlan;
  readonly signatures: readonly VerifiedSignature[];
  readonly decrypted: readonly DecryptedPart[];
}

/**
 * Decrypts what some children of the header name, and puts the plaintext into its place: new octets, which are scanned with
 * the limits of the message, and a header that is read anew.
 *
 * Whatever goes wrong between unwrapping a key and scanning the result is one refusal, made in the end: a wrong key, wrong
 * cipher text and plaintext that is no content take the same way. Cipher text that is not authenticated by itself (CBC) is
 * never decrypted: a signature over it does not cover the key, so that a stranger who puts in a key of his own changes what
 * was signed, and whoever may sign could ask what other senders' cipher text says.
 * @param ordinals Children of the header.
 * @throws ERR_WSS_DECRYPTION_FAILED; ERR_WSS_UNSUPPORTED_ALGORITHM for CBC, in whatever suite; what reading the header throws
 */
export function decryptRound(
  { state, plan, signatures, decrypted }: Progress,
  ordinals: readonly number[],
  round: number,
  rules: SignatureRules & { readonly decryption: DecryptionRules },
): Progress {
  const { document } = state.envelope;
  const { limits, actor } = rules.decryption;
  const due = ordinals.flatMap((ordinal) => plan.get(ordinal) ?? []);
  const covering = due.map(({ place }) => signaturesOver(place.replaced, state, signatures));
  for (const { cipher, place } of due) {
    if (cipher.authenticated) continue;
    refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", "cipher text without authentication (CBC) is not decrypted in messages", {
      place: () => document.place(place.replaced),
      rule: "XML Encryption 1.1, 6.1.3",
      remedy: "Encrypt with AES-GCM.",
    });
  }
  const spliced = splice(state, due, covering, limits);
  const envelope = parseEnvelope(spliced.document);
  const header = findSecurityHeader(envelope, actor);
  if (header !== spliced.elementOf(state.header.element)) {
    refuse("ERR_WSS_INVALID_SECURITY", "another Security header came out of cipher text", {
      place: () => spliced.document.place(Math.max(header, 0)),
      rule: "BSP R3206, R3210",
      remedy: "Send one Security header for each actor.",
    });
  }
  for (const { place } of due) requireOwnPlace(spliced, place, header);
  const index = IdIndex.of(spliced.document, header);
  const { keys, attachments } = state;
  const next = readState(envelope, parseSecurityHeader(envelope, header), index, rules, undefined, keys, attachments);
  const moved = (element: number) => spliced.elementOf(element);
  return {
    state: next,
    plan: new Map([...plan].map(([ordinal, data]) => [ordinal, data.map((one) => afterMove(one, moved))])),
    signatures: signatures.map((signature) => afterDecryption(signature, spliced, next)),
    decrypted: [
      ...decrypted.map((part) => ({ ...part, element: moved(part.element) })),
      ...due.map(({ place, cipher, key }) => ({
        element: moved(place.type === "content" ? place.parent : place.replaced),
        type: place.type,
        algorithm: cipher.uri,
        round,
        context: contextFor(key),
        key: sourceOf(key),
      })),
    ],
  };
}

/**
 * Refuses a token or signature, and what a token consists of, that comes out of cipher text outside our Security header: it was
 * encrypted for that header, and whoever moved it would have the service show what only its sender knows.
 */
function requireOwnPlace(spliced: SplicedDocument, { replaced, parent, type }: EncryptedPlace, security: number): void {
  const { document } = spliced;
  const around = spliced.elementOf(parent);
  if (around === security) return;
  const plain = type === "element" ? [spliced.elementOf(replaced)] : childrenOf(document, around);
  const moved = plain.find(
    (element) => isSecurityName(document.name(element)) || document.namespace(element) === wsseNamespace,
  );
  if (moved === undefined) return;
  refuse(
    "ERR_WSS_FAILED_CHECK",
    `${document.qualifiedName(moved)} came out of cipher text outside the Security header`,
    {
      place: () => document.place(moved),
      rule: "WS-Security 1.1, 9",
      remedy: "Encrypt tokens and signatures in the Security header only, or the element around them.",
    },
  );
}

function readable(...parameters: Parameters<typeof requireDecryptedXml>): Buffer {
  requireDecryptedXml(...parameters);
  return Buffer.from(parameters[2]);
}

/** Whether cipher text is all that stands in the element around it, and will be its content. */
const isWholeContent = (document: XmlDocument, { type, parent, replaced }: EncryptedPlace): boolean =>
  type === "content" &&
  document.contentStart(parent) === document.start(replaced) &&
  document.contentEnd(parent) === document.end(replaced);

const blanked = (replacement: Replacement): Replacement => ({
  ...replacement,
  plaintext: blank(replacement.plaintext),
});

const blank = ({ length }: Buffer): Buffer => Buffer.alloc(length, " ");

function afterMove(data: PlannedData, moved: (element: number) => number): PlannedData {
  const { replaced, parent, type } = data.place;
  return { ...data, place: { replaced: moved(replaced), parent: moved(parent), type } };
}

/** What verified signatures of known signers cover an element: the covered element and its form, by signature. */
function signaturesOver(
  element: number,
  { envelope: { document } }: MessageState,
  signatures: readonly VerifiedSignature[],
): VerifiedSignature["targets"] {
  return signatures
    .filter(({ signer }) => signer.kind !== "possession")
    .flatMap(({ targets }) => targets)
    .filter((target) => target.element <= element && element < document.after(target.element));
}

function splice(
  state: MessageState,
  due: readonly PlannedData[],
  covering: readonly VerifiedSignature["targets"][],
  limits: XmlLimits | undefined,
): SplicedDocument {
  const { document } = state.envelope;
  // Scanned once, however much cipher text a signature covers.
  const contents = new Map<VerifiedSignature["targets"][number], XmlDocument>();
  const signedContent = (target: VerifiedSignature["targets"][number]) => {
    const signed = contents.get(target) ?? scan(canonicalize(document, target.element, target.form), limits);
    contents.set(target, signed);
    return signed;
  };
  const whole: EncryptedPlace[] = [];
  let failed = false;
  /** Undefined where it fails; the rest of the work is done all the same, with blanks in place of the plaintext. */
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!isCountersignError(error) || error.family === "internal") throw error;
      failed = true;
      return undefined;
    }
  };
  const replacements = due.map(({ place, syntax, cipher, key }, index): Replacement => {
    const { parent, replaced, type } = place;
    const decrypted = cipher.decrypt(key.secret, syntax.cipherValue);
    failed ||= decrypted === undefined;
    // Where there is no plaintext, octets that are refused as early as those of a wrong key are.
    const opened = decrypted ?? Buffer.alloc(syntax.cipherValue.length, 0xff);
    const targets = covering[index] ?? [];
    // What becomes the whole content of an element is scanned in its place, and looked at there.
    if (targets.length === 0 && isWholeContent(document, place)) {
      whole.push(place);
      return { element: replaced, plaintext: opened, becomesElement: false };
    }
    const plaintext =
      attempt(() => readable(document, { ...syntax, element: replaced }, opened, limits)) ?? blank(opened);
    for (const target of targets) {
      attempt(() => {
        const covered = coveredNamespaces(signedContent(target), replaced - target.element);
        requireCoveredNames(document, parent, plaintext, covered, limits);
      });
    }
    return { element: replaced, plaintext, becomesElement: type === "element" };
  });
  const spliced =
    attempt(() => new SplicedDocument(document, replacements, limits)) ??
    attempt(() => new SplicedDocument(document, replacements.map(blanked), limits));
  failed ||= spliced === undefined || !whole.every(({ parent }) => spliced.isContent(parent));
  if (spliced !== undefined && !failed) return spliced;
  return refuseDecryption(document, due[0]?.place.replaced ?? 0);
}
