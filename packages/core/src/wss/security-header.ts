import { refuse } from "../errors/index.js";
import { actorOf, forEachBlock, isForUs, type UnverifiedEnvelope } from "../soap/index.js";
import { contextTokenWords, derivedKeyWords } from "../tokens/context/index.js";
import { encryption, foreign, wsse, wsse11, wsu } from "./names.js";

/** How much the SOAP Header and a Security header in it may hold: threats are refused by count before any cryptography. */
export const headerCaps = {
  blocks: 1_000,
  securityHeaders: 4,
  tokens: 10,
  usernameTokens: 2,
  assertions: 4,
  signatures: 4,
  confirmations: 8,
  encryptedKeys: 8,
  encryptions: 32,
} as const;

/** The children of one Security header, by kind, as element handles. Nothing in it has been verified. */
export interface SecurityHeaderSyntax {
  readonly element: number;
  /** -1 where there is none. */
  readonly timestamp: number;
  readonly usernameTokens: readonly number[];
  readonly binaryTokens: readonly number[];
  /** Of any version. */
  readonly assertions: readonly number[];
  /** SecurityContextTokens and DerivedKeyTokens. */
  readonly contextTokens: readonly number[];
  readonly signatures: readonly number[];
  readonly confirmations: readonly number[];
  /** EncryptedKey, ReferenceList, EncryptedData and EncryptedAssertion, in message order. */
  readonly encryptions: readonly number[];
}

/**
 * Finds the Security header that is for us: at most one per actor, at most four in all (WS-Security 1.1 section 6).
 * @returns its element handle, or -1
 * @throws ERR_WSS_INVALID_SECURITY where two headers name one actor, and for more header blocks than are looked at
 */
export function findSecurityHeader(envelope: UnverifiedEnvelope, actor: string | undefined): number {
  const { document } = envelope;
  let ours = -1;
  const seen = new Set<string | undefined>();
  let blocks = 0;
  forEachBlock(envelope, (block) => {
    if (++blocks > headerCaps.blocks) {
      refuse("ERR_WSS_INVALID_SECURITY", `the SOAP Header holds more than ${headerCaps.blocks} blocks`, {
        place: () => document.place(block),
        rule: "limits",
        remedy: "Send fewer header blocks.",
      });
    }
    if (document.name(block) !== wsse.Security) return;
    const named = actorOf(envelope, block);
    const forUs = isForUs(named, actor);
    if (seen.has(named) || (forUs && ours !== -1) || seen.size === headerCaps.securityHeaders) {
      refuse("ERR_WSS_INVALID_SECURITY", "more than one Security header for one actor, or too many in all", {
        place: () => document.place(block),
        rule: "BSP R3206, R3210",
        remedy: "Send one Security header for each actor.",
      });
    }
    seen.add(named);
    if (forUs) ours = block;
  });
  return ours;
}

/**
 * Sorts the children of a Security header by kind.
 * @throws ERR_WSS_INVALID_SECURITY for a second Timestamp, an unknown child or too many of a kind; ERR_WSS_INVALID_TOKEN for
 * a document of SAML that is no assertion
 */
export function parseSecurityHeader(envelope: UnverifiedEnvelope, element: number): SecurityHeaderSyntax {
  const { document } = envelope;
  let timestamp = -1;
  const usernameTokens: number[] = [];
  const binaryTokens: number[] = [];
  const assertions: number[] = [];
  const contextTokens: number[] = [];
  const signatures: number[] = [];
  const confirmations: number[] = [];
  const encryptions: number[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    const name = document.name(child);
    if (name === wsu.Timestamp) {
      if (timestamp !== -1) refuseChild(envelope, child, "a second Timestamp", "BSP R3227");
      timestamp = child;
    } else if (name === foreign.Signature) signatures.push(child);
    else if (name === wsse.BinarySecurityToken) binaryTokens.push(child);
    else if (name === foreign.Assertion || name === foreign.Assertion11) assertions.push(child);
    else if (name === wsse.UsernameToken) usernameTokens.push(child);
    else if (name === wsse11.SignatureConfirmation) confirmations.push(child);
    else if (contextTokenWords(name) ?? derivedKeyWords(name)) contextTokens.push(child);
    else if (encryptionNames.has(name)) encryptions.push(child);
    else if (name !== wsse.SecurityTokenReference) refuseUnknown(envelope, child);
  }
  const tokens = usernameTokens.length + binaryTokens.length + assertions.length + contextTokens.length;
  if (
    tokens > headerCaps.tokens ||
    usernameTokens.length > headerCaps.usernameTokens ||
    assertions.length > headerCaps.assertions ||
    signatures.length > headerCaps.signatures ||
    confirmations.length > headerCaps.confirmations ||
    encryptions.length > headerCaps.encryptions ||
    encryptions.filter((child) => document.name(child) === encryption.EncryptedKey).length > headerCaps.encryptedKeys
  ) {
    refuseChild(envelope, element, "too many tokens, signatures or keys", "limits");
  }
  return {
    element,
    timestamp,
    usernameTokens,
    binaryTokens,
    assertions,
    contextTokens,
    signatures,
    confirmations,
    encryptions,
  };
}

/** Whether an element of that name belongs into a Security header: a token, a key, a signature, a confirmation. */
export const isSecurityName = (name: number): boolean =>
  securityNames.has(name) || (contextTokenWords(name) ?? derivedKeyWords(name)) !== undefined;

const securityNames: ReadonlySet<number> = new Set([
  ...Object.values(wsse),
  ...Object.values(foreign),
  wsse11.SignatureConfirmation,
  wsu.Timestamp,
  encryption.EncryptedKey,
  encryption.EncryptedAssertion,
]);

const encryptionNames: ReadonlySet<number> = new Set(Object.values(encryption));

/** What an issuer signs besides assertions, such as protocol messages and metadata, must not pass for a token. */
function refuseUnknown(envelope: UnverifiedEnvelope, child: number): never {
  const { document } = envelope;
  const found = document.qualifiedName(child);
  if (!document.namespace(child).startsWith("urn:oasis:names:tc:SAML:")) {
    refuseChild(envelope, child, `an unknown child ${found}`, "WS-Security 1.1, 5.1");
  }
  refuse("ERR_WSS_INVALID_TOKEN", `${found} is a document of SAML that is no token`, {
    place: () => document.place(child),
    rule: "SAML Token Profile 1.1, 3.3",
    remedy: "Send the assertion alone, without the message that it came in.",
  });
}

function refuseChild(envelope: UnverifiedEnvelope, child: number, found: string, rule: string): never {
  refuse("ERR_WSS_INVALID_SECURITY", `the Security header holds ${found}`, {
    place: () => envelope.document.place(child),
    rule,
    remedy: "Send each part once, and only parts that this service reads.",
  });
}
