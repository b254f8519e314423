import { refuse } from "../errors/index.js";
import { type Accepted, type Circumstances, evaluateAlternatives } from "../policy/index.js";
import {
  addressingBlocks,
  checkMustUnderstand,
  contentTypeOf,
  parseEnvelope,
  type UnverifiedEnvelope,
} from "../soap/index.js";
import {
  createVerifiedMessage,
  encryptedNames,
  findSecurityHeader,
  type MessageAttachments,
  openSecurity,
  parseSecurityHeader,
  type VerifiedMessage,
} from "../wss/index.js";
import { scan } from "../xml/index.js";
import { LargeDocument } from "../xmlsec/index.js";
import { checkAction } from "./action.js";
import type { CompiledGuard } from "./compile.js";
import { acceptContextCall, type ContextCall, contextCallOf } from "./conversation.js";
import type { Exchange } from "./exchange.js";
import { type SoapMediaType, soapMediaType } from "./media-type.js";
import { readMessageBody } from "./message-body.js";
import { readMultipartBody } from "./multipart-body.js";
import type { ServerRequest } from "./seam.js";

/** A SOAP message that one alternative accepted, not yet reserved. */
export interface AcceptedMessage {
  readonly accepted: Accepted;
  readonly message: VerifiedMessage;
  readonly contentType: string;
  /** Set where the message asks something about a security context, and not the service. */
  readonly call?: ContextCall | undefined;
  /** Names of the parts that came encrypted. */
  readonly encrypted: ReadonlySet<string>;
  /** SignatureValues of the request, for SignatureConfirmation. */
  readonly signatureValues: readonly Uint8Array[];
}

/** A SOAP message without a Security header for us, on a route that lets anonymous callers in. */
export interface UnsecuredMessage {
  /** The Envelope in UTF-8, from its first tag to its last. */
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
  const { limits, workers } = guard;
  const outer = soapMediaType(request.headers, guard.attachments !== undefined);
  exchange.soap = outer.version;
  let media = outer;
  let octets: Uint8Array;
  let attachments: MessageAttachments | undefined;
  if (outer.multipart === undefined) octets = await readMessageBody(request, limits.maxBody);
  else ({ media, octets, attachments } = await readMultipartBody(guard, request, exchange, outer, outer.multipart));
  checkCharset(octets, media);
  exchange.until = performance.now() + limits.deadlineMilliseconds;
  if (octets.length >= limits.workerThreshold) {
    const large = await LargeDocument.open(workers, octets, {
      limits,
      deadlineMilliseconds: limits.deadlineMilliseconds,
    });
    try {
      const envelope = parseEnvelope(large.document);
      return await verifyEnvelope(guard, request, exchange, media, envelope, attachments, large);
    } finally {
      large.release();
    }
  }
  // A copy: whoever else holds the octets cannot change them between check and use.
  const envelope = parseEnvelope(scan(Buffer.from(octets), limits));
  return verifyEnvelope(guard, request, exchange, media, envelope, attachments);
}

async function verifyEnvelope(
  guard: CompiledGuard,
  request: ServerRequest,
  exchange: Exchange,
  media: SoapMediaType,
  envelope: UnverifiedEnvelope,
  attachments: MessageAttachments | undefined,
  remote?: LargeDocument,
): Promise<AcceptedMessage | UnsecuredMessage> {
  const contentType = contentTypeOf(envelope.version);
  if (envelope.version !== media.version) {
    refuse("ERR_HTTP_MEDIA_TYPE", `a SOAP ${envelope.version} envelope was sent as SOAP ${media.version}`, {
      rule: "RFC 3902",
      remedy: `Send it as ${contentType}.`,
    });
  }
  exchange.relatesTo = echoableMessageId(envelope);
  const { document } = envelope;
  const header = findSecurityHeader(envelope, guard.actor);
  const asked = contextCallOf(guard.conversation, envelope, media.action);
  exchange.trust = asked?.words.namespace;
  if (header === -1) {
    if (guard.anonymous && asked === undefined) {
      checkAction(envelope, media.action, guard.actions);
      checkMustUnderstand(envelope, guard.actor, -1, guard.understands);
      // Nobody vouches for attachments of an anonymous caller: they are read away.
      await attachments?.parts.readAll(false);
      return { octets: document.bytes.subarray(document.start(0), document.end(0)), contentType };
    }
    refuse("ERR_TOKEN_MISSING", "the message has no Security header for this service", {
      place: () => document.place(Math.max(envelope.header, 0)),
      rule: "WS-Security 1.1, 5",
      remedy:
        guard.actor === undefined
          ? "Send a wsse:Security header without actor."
          : `Send a wsse:Security header for the actor ${guard.actor}.`,
    });
  }
  if (guard.reservations.outage) {
    const { signatures, usernameTokens, encryptions } = parseSecurityHeader(envelope, header);
    const reserves = signatures.length + encryptions.length > 0 || (usernameTokens.length > 0 && guard.takesDigests);
    // What would have to be reserved is not even looked at: else the answer would tell whether the credential is good.
    if (reserves) guard.reservations.refuseOutage();
  }
  const { encrypted, peerCertificate, remoteAddress } = request.transport;
  const now = guard.clock.now();
  const opened = await openSecurity(envelope, header, guard.rules, now, remote, attachments);
  if (attachments !== undefined) exchange.until = performance.now() + guard.limits.deadlineMilliseconds;
  const { envelope: plain } = opened;
  // What was asked in clear text is not what is asked once the message is decrypted.
  const meant = plain === envelope ? asked : contextCallOf(guard.conversation, plain, media.action);
  exchange.trust = meant?.words.namespace;
  const circumstances: Circumstances = {
    encrypted: encrypted || guard.insecureTransport,
    peerCertificate,
    remoteAddress,
    now,
    until: exchange.until,
  };
  const call =
    meant && guard.conversation && (await acceptContextCall(guard.conversation, meant, opened, circumstances));
  const accepted = call?.accepted ?? (await evaluateAlternatives(guard.alternatives, opened, circumstances));
  // Which operations the service has says nothing about requests that are not for it.
  checkAction(plain, media.action, meant === undefined ? guard.actions : undefined);
  checkMustUnderstand(plain, guard.actor, opened.header.element, guard.understands);
  const { coverage } = accepted;
  return {
    accepted,
    message: createVerifiedMessage(plain, coverage.body, coverage.headers, coverage.attachments),
    contentType,
    call,
    encrypted: encryptedNames(opened),
    signatureValues: opened.signatures.map(({ syntax }) => syntax.value),
  };
}

/** @throws ERR_XML_MALFORMED where a body's first octets and its Content-Type disagree about the encoding */
export function checkCharset(octets: Uint8Array, { charset }: SoapMediaType): void {
  const utf16 = (octets[0] === 0xfe && octets[1] === 0xff) || (octets[0] === 0xff && octets[1] === 0xfe);
  if (utf16 === (charset === "utf-16")) return;
  refuse("ERR_XML_MALFORMED", `the body is not the ${charset} that Content-Type declares`, {
    rule: "RFC 7303, 3",
    remedy: "Send UTF-8, or UTF-16 with a byte order mark and charset=utf-16.",
  });
}

/** The message's only MessageID, where it may be echoed: an absolute URI of at most 256 characters that needs no escaping. */
export function echoableMessageId(envelope: UnverifiedEnvelope): string | undefined {
  const [block, second] = addressingBlocks(envelope, "MessageID");
  if (block === undefined || second !== undefined) return undefined;
  const id = envelope.document.text(block)?.trim();
  return id !== undefined && id.length <= 256 && plainUri.test(id) ? id : undefined;
}

const plainUri = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$()*+,;=%]+$/;
