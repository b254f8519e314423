import {
  type Clock,
  ConfigurationError,
  isSameKeyPair,
  parseAssertion,
  scan,
  secureMessage,
  ticketCookie,
  ticketHeader,
} from "@countersign/core/sts";
import type { HeldAssertion } from "./authentication.js";
import { soapHeaders } from "./media-type.js";
import type { RequestorKey } from "./options.js";
import { keyReferenceOf, loadSigningKey } from "./signing-key.js";

/** How a request is signed. */
export interface SignRequestOptions {
  /** The key that the assertion names. */
  readonly key: RequestorKey;
  /** Where a session ticket assertion goes; any other goes into the envelope. Default `"envelope"`. */
  readonly in?: "envelope" | "header" | "cookie" | undefined;
  /** The actor or role of the Security header. Default: the ultimate receiver. */
  readonly actor?: string | undefined;
  /** SOAPAction, or the action of the SOAP 1.2 media type. */
  readonly action?: string | undefined;
  /** Life of the Timestamp. Default 300. */
  readonly timestampSeconds?: number | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** A request that is ready to be sent. */
export interface SignedRequest {
  readonly body: Uint8Array;
  /** Content-Type, SOAPAction, and the assertion where it travels in a header or cookie. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes a new request under an assertion that was obtained before: a SOAP envelope with a Timestamp, the assertion in its
 * place, and a signature over Body, Timestamp, WS-Addressing headers and the assertion in the envelope.
 * @throws ConfigurationError where the assertion has expired, names another key, or is one that nobody but its attester
 * may send; ERR_XML_ and ERR_SOAP_ codes for what is no envelope
 */
export function signRequest(
  assertion: HeldAssertion,
  envelope: string | Uint8Array,
  options: SignRequestOptions,
): SignedRequest {
  const { actor, action, clock, timestampSeconds = 300, in: place = "envelope" } = options;
  const key = loadSigningKey(options.key);
  if (place !== "envelope" && !assertion.ticket) invalid("in", "Only session tickets travel there.", 'Use "envelope".');
  if (assertion.expires !== undefined && (clock?.now() ?? Date.now()) >= assertion.expires) {
    invalid("assertion", "It has expired.", "Authenticate again.");
  }
  requireHolder(assertion, key.publicKey);
  const inside = place === "envelope";
  const own = keyReferenceOf(key);
  const by = assertion.version === "2.0" ? "saml2" : "saml11";
  const reference = inside && !assertion.ticket ? ({ by, id: assertion.id } as const) : own.reference;
  const tokens = reference === own.reference ? own.tokens : [];
  const { envelope: body, contentType } = secureMessage(envelope, {
    actor,
    clock,
    timestamp: { ttlSeconds: timestampSeconds },
    tokens: inside ? [assertion.xml, ...tokens] : tokens,
    signatures: [
      {
        key: key.privateKey,
        algorithm: key.algorithm,
        reference,
        parts: ["body", "timestamp", "addressing"],
        ids: inside ? [assertion.id] : [],
      },
    ],
  });
  const headers = soapHeaders(contentType, action);
  const encoded = Buffer.from(assertion.xml).toString("base64url");
  if (place === "header") headers[ticketHeader] = encoded;
  if (place === "cookie") headers.cookie = `${ticketCookie}=${encoded}`;
  return { body, headers };
}

/** A key that stands in the assertion must be ours; a session ticket may hide it. */
function requireHolder(
  { xml, ticket }: HeldAssertion,
  publicKey: ReturnType<typeof loadSigningKey>["publicKey"],
): void {
  const { subject } = parseAssertion(scan(Buffer.from(xml)), 0);
  const confirmations = subject?.confirmations ?? [];
  const keys = confirmations.flatMap((confirmation) => confirmation.keys);
  if (keys.some(({ key }) => isSameKeyPair(key, publicKey))) return;
  if (keys.length > 0)
    invalid("key", "The assertion names another key.", "Sign with the key given when authenticating.");
  if (ticket) return;
  invalid(
    "assertion",
    "It names no key of its sender.",
    "Send it with the message that it came with, or get a holder-of-key one.",
  );
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
