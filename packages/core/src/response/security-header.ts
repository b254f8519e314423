import { Certificate, signatureAlgorithm } from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import type { WsSecurityResponse } from "../identity/index.js";
import { forEachBlock, type UnverifiedEnvelope } from "../soap/index.js";
import { type AssertionContent, issueAssertion } from "../tokens/saml/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  encryptionFault,
  type OutboundEncryption,
  type ReplyPart,
  requireCipher,
  secureMessage,
  wsse,
  wsu,
} from "../wss/index.js";
import { IdIndex, isNcName } from "../xmlsec/index.js";
import { isSaml, securityHeaderFault } from "./check.js";
import type { ResponseContext, ResponseNote } from "./context.js";
import type { ResponseKeys } from "./keys.js";
import { refuseData } from "./refusal.js";
import { subjectKey } from "./subject-key.js";

/** A message with the header that a response asked for. */
export interface HeadedMessage {
  readonly envelope: Uint8Array;
  readonly note: ResponseNote;
}

const defaultSeconds = 300;

/**
 * Adds the WS-Security header of a response to a message (WS-Security 1.1 section 5). The Body stays as it is but for the
 * wsu:Id that a signature needs, where it has none.
 * @param envelope Without a Security header for the response's actor.
 * @throws ERR_RESPONSE_DATA where the token lacks something, and for a response that cannot work
 */
export function addSecurityHeader(
  envelope: UnverifiedEnvelope,
  response: WsSecurityResponse<string>,
  context: ResponseContext,
): HeadedMessage {
  const fault = securityHeaderFault(response);
  if (fault !== undefined) refuseData(fault.option, `the response cannot work: ${fault.reason}`, fault);
  const { token, detail } = isSaml(response)
    ? assertionToken(response, envelope, context)
    : response.token === "x509"
      ? { token: undefined, detail: "x509" }
      : passwordToken(response, context);
  const { parts, keys } = signatureOf(response, envelope, context);
  const signer = keys && issueBinarySecurityToken([keys.certificate]);
  const ids = token === undefined ? [] : [token.id];
  const ttlSeconds = response.expirySeconds ?? defaultSeconds;
  const { envelope: secured } = secureMessage(envelope, {
    actor: response.actor,
    mustUnderstand: response.mustUnderstand,
    timestamp: response.timestamp === false ? false : { ttlSeconds },
    tokens: [token?.xml, signer?.xml].filter((xml) => xml !== undefined),
    signatures: keys &&
      signer && [
        {
          key: keys.key,
          algorithm: signatureMethod(response),
          reference: { by: "token", id: signer.id, valueType: signer.valueType },
          parts,
          ids,
        },
      ],
    encrypt: encryptionOf(response),
    clock: { now: () => context.now },
  });
  const actor = response.actor === undefined ? "" : ` for ${response.actor}`;
  return { envelope: secured, note: { response: "ws-security", detail: `${detail}${actor}` } };
}

interface MadeToken {
  readonly token: { readonly xml: string; readonly id: string };
  readonly detail: string;
}

function passwordToken(response: WsSecurityResponse<string>, context: ResponseContext): MadeToken {
  const { password } = response;
  if (password === undefined || password === "")
    refuseData("password", "the user has no password to put into the token");
  const as = response.token === "password" ? "text" : "digest";
  if (as === "text" && !(context.passwordsInClear && context.encrypted)) {
    refuseData("token", "a password in clear text is handed on over TLS only, and by an agent that allows it", {
      remedy: "Use an assertion or a digest, or let the agent hand on passwords over TLS.",
    });
  }
  const token = issueUsernameToken({ name: context.subject.name, password, as, now: context.now });
  return { token, detail: `${response.token} ${token.id}` };
}

function assertionToken(
  response: WsSecurityResponse<string>,
  envelope: UnverifiedEnvelope,
  context: ResponseContext,
): MadeToken {
  const { subject, session, now } = context;
  const { key, certificate, issuer } = requireKeys(context.keys, response);
  const affiliate = affiliateOf(response, context);
  const named = affiliate?.issuer ?? issuer;
  if (named === undefined) refuseData("token", "the agent has no issuer name to put into the assertion");
  const { confirm = "holder-of-key", attributes = {} } = response;
  const confirmation: AssertionContent["confirmation"] =
    confirm === "holder-of-key" ? { method: confirm, ...holderKey(response, envelope, context) } : { method: confirm };
  const version = response.token === "saml11" ? "1.1" : "2.0";
  const audience = affiliate?.audience ?? response.audience;
  if (audience === undefined) refuseData("audience", "neither the response nor the affiliate names an audience");
  const sessionEnd = session.created + session.maxSeconds * 1000;
  const expires = Math.min(now + (response.expirySeconds ?? defaultSeconds) * 1000, sessionEnd);
  const made = issueAssertion(
    {
      version,
      issuer: named,
      subject: { name: subject.name },
      audience,
      lifetime: { created: now, expires },
      confirmation,
      attributes: Object.entries(attributes).map(([name, values]) => ({ name, values })),
      authentication: { instant: session.created },
      now,
    },
    { key, certificate, algorithm: signatureMethod(response) },
  );
  return { token: made, detail: `${response.token} ${confirm} ${made.id} sha-256 ${made.digest}` };
}

function holderKey(
  response: WsSecurityResponse<string>,
  { document, body }: UnverifiedEnvelope,
  context: ResponseContext,
) {
  const source = response.key ?? ({ from: "credential" } as const);
  return (
    subjectKey(source, context.subject, { document, from: body }, context.paths, context.now) ??
    refuseData("key", "the user has no public key that the assertion could name", {
      remedy: "Let the user authenticate with a key, or have one in the document or the user directory.",
    })
  );
}

function affiliateOf({ affiliate }: WsSecurityResponse<string>, { affiliates }: ResponseContext) {
  if (affiliate === undefined) return undefined;
  return affiliates?.get(affiliate) ?? refuseData("affiliate", "the agent knows no affiliate of that name");
}

/** What the agent signs; no keys where it signs nothing. */
function signatureOf(
  response: WsSecurityResponse<string>,
  envelope: UnverifiedEnvelope,
  context: ResponseContext,
): { readonly parts: readonly ReplyPart[]; readonly keys: ResponseKeys | undefined } {
  const signs = response.token === "x509" || (isSaml(response) && response.confirm === "sender-vouches");
  const timestamp = response.timestamp !== false;
  const scope = response.signature ?? (signs ? (timestamp ? "body-timestamp" : "body") : undefined);
  if (scope === undefined) return { parts: [], keys: undefined };
  requireDistinctIds(envelope);
  const parts: ReplyPart[] = scope === "headers" ? [] : ["body"];
  if (scope === "all" || scope === "headers") parts.push(...headerParts(envelope));
  if (timestamp && scope !== "body") parts.push("timestamp");
  const only = scope === "headers" && parts.length === 0;
  if (only) refuseData("signature", "the message has no header that could be signed");
  return { parts, keys: requireKeys(context.keys, response) };
}

/** What is signed must be what the receiver finds under its id. */
function requireDistinctIds({ document }: UnverifiedEnvelope): void {
  IdIndex.of(document, -1);
  for (const { element, attribute, value } of document.ids) {
    if (attribute !== wsu.Id || isNcName(value)) continue;
    refuse("ERR_WSS_INVALID_SECURITY", "a wsu:Id of the message is no NCName", {
      place: () => document.place(element),
      rule: "WS-Security 1.1, 4.2",
      remedy: "Send ids that are xs:ID, or none.",
    });
  }
}

/** Every header block but Security headers, each name once. */
function headerParts(envelope: UnverifiedEnvelope): readonly ReplyPart[] {
  const { document } = envelope;
  const found = new Map<string, ReplyPart>();
  forEachBlock(envelope, (block) => {
    if (document.name(block) === wsse.Security) return;
    const part = { namespace: document.namespace(block), name: document.localName(block) };
    found.set(`{${part.namespace}}${part.name}`, part);
  });
  return [...found.values()];
}

function signatureMethod({ algorithm }: WsSecurityResponse<string>): string | undefined {
  if (algorithm === undefined) return undefined;
  const known = signatureAlgorithm(algorithm);
  if (known === undefined || known.legacy || known.family === "hmac") {
    refuseData("algorithm", "the signature method is not one that is made here");
  }
  return algorithm;
}

function requireKeys(keys: ResponseKeys | undefined, { token }: WsSecurityResponse<string>): ResponseKeys {
  return keys ?? refuseData("token", `the agent has no key to make a ${token} header with`);
}

function encryptionOf({ encrypt }: WsSecurityResponse<string>): OutboundEncryption | undefined {
  if (encrypt === undefined) return undefined;
  const certificate = recipient(encrypt.certificate);
  if (encryptionFault(certificate, undefined) !== undefined) {
    refuseData("encrypt.certificate", "nothing can be encrypted for this certificate");
  }
  try {
    requireCipher(encrypt.algorithm, "encrypt.algorithm");
  } catch {
    refuseData("encrypt.algorithm", "the content cipher is not one that is used here");
  }
  return {
    for: certificate,
    parts: encrypt.elements.map((element) => (element === "assertion" ? "token" : element)),
    order: encrypt.order,
    algorithm: encrypt.algorithm,
  };
}

function recipient(given: string): Certificate {
  try {
    return given.includes("-----BEGIN")
      ? Certificate.load(given, "encrypt.certificate")
      : Certificate.load(Buffer.from(given, "base64"), "encrypt.certificate");
  } catch {
    refuseData("encrypt.certificate", "the recipient's certificate cannot be read");
  }
}
