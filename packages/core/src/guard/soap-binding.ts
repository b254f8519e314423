import { refuse } from "../errors/index.js";
import { type Accepted, evaluateAlternatives } from "../policy/index.js";
import {
  addressingText,
  checkMustUnderstand,
  contentTypeOf,
  parseEnvelope,
  type UnverifiedEnvelope,
} from "../soap/index.js";
import { createVerifiedMessage, findSecurityHeader, openSecurity, type VerifiedMessage } from "../wss/index.js";
import { scan } from "../xml/index.js";
import { LargeDocument } from "../xmlsec/index.js";
import type { CompiledGuard } from "./compile.js";
import type { Exchange } from "./exchange.js";
import { type SoapMediaType, soapMediaType } from "./media-type.js";
import { readMessageBody } from "./message-body.js";
import type { ServerRequest } from "./seam.js";

/** A SOAP message that one alternative accepted, not yet reserved. */
export interface AcceptedMessage {
  readonly accepted: Accepted;
  readonly message: VerifiedMessage;
  readonly contentType: string;
  /** SignatureValues of the request, for SignatureConfirmation. */
  readonly signatureValues: readonly Uint8Array[];
}

/** A SOAP message without a Security header for us, on a route that lets anonymous callers in. */
export interface UnsecuredMessage {
  readonly octets: Uint8Array;
  readonly contentType: string;
}

/**
 * Verifies a SOAP request in the order of work: HTTP checks, one bounded scan, header shape, signatures by dependency,
 * coverage, token. Nothing outside the process has been changed when it returns.
 * @returns an unsecured message only where the route allows anonymous callers and no Security header is for us
 */
export async function verifySoap(
  guard: CompiledGuard,
  request: ServerRequest,
  exchange: Exchange,
): Promise<AcceptedMessage | UnsecuredMessage> {
  if (request.method !== "POST") {
    refuse("ERR_HTTP_METHOD", `the method is ${request.method.slice(0, 32)}`, {
      rule: "SOAP 1.2 part 2, 7",
      remedy: "Send a POST.",
    });
  }
  const media = soapMediaType(request.headers);
  exchange.soap = media.version;
  const octets = await readMessageBody(request, guard.limits.maxBody);
  checkCharset(octets, media);
  if (octets.length >= guard.limits.workerThreshold) {
    const { limits, workers } = guard;
    const large = await LargeDocument.open(workers, octets, {
      limits,
      deadlineMilliseconds: limits.deadlineMilliseconds,
    });
    try {
      return await verifyEnvelope(guard, request, exchange, media, octets, parseEnvelope(large.document), large);
    } finally {
      large.release();
    }
  }
  // A copy: whoever else holds the octets cannot change them between check and use.
  return verifyEnvelope(
    guard,
    request,
    exchange,
    media,
    octets,
    parseEnvelope(scan(Buffer.from(octets), guard.limits)),
  );
}

async function verifyEnvelope(
  guard: CompiledGuard,
  request: ServerRequest,
  exchange: Exchange,
  media: SoapMediaType,
  octets: Uint8Array,
  envelope: UnverifiedEnvelope,
  remote?: LargeDocument,
): Promise<AcceptedMessage | UnsecuredMessage> {
  const contentType = contentTypeOf(envelope.version);
  if (envelope.version !== media.version) {
    refuse("ERR_HTTP_MEDIA_TYPE", `a SOAP ${envelope.version} envelope was sent as SOAP ${media.version}`, {
      rule: "RFC 3902",
      remedy: `Send it as ${contentType}.`,
    });
  }
  exchange.relatesTo = echoable(addressingText(envelope, "MessageID"));
  const header = findSecurityHeader(envelope, guard.actor);
  if (header === -1) {
    if (guard.anonymous) return { octets, contentType };
    refuse("ERR_TOKEN_MISSING", "the message has no Security header for this service", {
      place: () => envelope.document.place(Math.max(envelope.header, 0)),
      rule: "WS-Security 1.1, 5",
      remedy:
        guard.actor === undefined
          ? "Send a wsse:Security header without actor."
          : `Send a wsse:Security header for the actor ${guard.actor}.`,
    });
  }
  const { encrypted, peerCertificate, remoteAddress } = request.transport;
  const now = guard.clock.now();
  const opened = await openSecurity(envelope, header, guard.rules, now, remote);
  const circumstances = { encrypted: encrypted || guard.insecureTransport, peerCertificate, remoteAddress, now };
  const accepted = await evaluateAlternatives(guard.alternatives, opened, circumstances);
  checkAction(guard, envelope, media.action);
  checkMustUnderstand(envelope, guard.actor, header, guard.understands);
  return {
    accepted,
    message: createVerifiedMessage(envelope, accepted.coverage.body, accepted.coverage.headers),
    contentType,
    signatureValues: opened.signatures.map(({ syntax }) => syntax.value),
  };
}

/** SOAPAction, wsa:Action and the Body must mean one operation, or a dispatcher and the guard may see different ones. */
function checkAction(guard: CompiledGuard, envelope: UnverifiedEnvelope, httpAction: string | undefined): void {
  const action = addressingText(envelope, "Action");
  const { document } = envelope;
  if (action !== undefined && httpAction !== undefined && action !== httpAction) {
    refuse("ERR_WSS_INVALID_SECURITY", "the HTTP action and wsa:Action name different operations", {
      place: () => document.place(envelope.header),
      rule: "WS-Addressing 1.0 SOAP Binding, 2.4",
      remedy: "Send the same action in both.",
    });
  }
  if (guard.actions === undefined) return;
  const named = action ?? httpAction;
  const operation = document.firstChild(envelope.body);
  const found = operation === -1 ? undefined : `{${document.namespace(operation)}}${document.localName(operation)}`;
  if (named === undefined || found === undefined || guard.actions.get(named) !== found) {
    refuse(
      "ERR_WSS_INVALID_SECURITY",
      `the action ${named ?? "(none)"} does not belong to the Body's ${found ?? "(nothing)"}`,
      {
        place: () => document.place(envelope.body),
        rule: "soap.actions",
        remedy: "Send the action of the operation in the Body.",
      },
    );
  }
}

function checkCharset(octets: Uint8Array, { charset }: SoapMediaType): void {
  const utf16 = (octets[0] === 0xfe && octets[1] === 0xff) || (octets[0] === 0xff && octets[1] === 0xfe);
  if (utf16 === (charset === "utf-16")) return;
  refuse("ERR_XML_MALFORMED", `the body is not the ${charset} that Content-Type declares`, {
    rule: "RFC 7303, 3",
    remedy: "Send UTF-8, or UTF-16 with a byte order mark and charset=utf-16.",
  });
}

/** A MessageID that may be echoed: an absolute URI of at most 256 characters without anything that needs escaping. */
const echoable = (id: string | undefined): string | undefined =>
  id !== undefined && id.length <= 256 && /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$()*+,;=%]+$/.test(id)
    ? id
    : undefined;
