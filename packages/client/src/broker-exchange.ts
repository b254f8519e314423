import {
  CountersignError,
  isCountersignError,
  issueUsernameToken,
  parseRequestSecurityTokenResponses,
  type RequestSecurityToken,
  randomId,
  randomUuid,
  refuse,
  type SecuredMessage,
  type SoapVersion,
  scan,
  secureMessage,
  tokenTypes,
  trust13,
  writeRequestSecurityToken,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import type { HttpResponse, HttpTransport } from "./http.js";
import type { IssuedToken } from "./issued-token.js";
import { soapHeaders } from "./media-type.js";
import type { Credentials } from "./options.js";
import { type ReplyRules, readSoapReply } from "./reply.js";
import { keyReferenceOf, type SigningKey } from "./signing-key.js";
import { type TokenExpectation, takeToken } from "./token-check.js";

/** The broker of a client, as configured. */
export interface BrokerEndpoint {
  readonly url: URL;
  readonly soapVersion: SoapVersion;
  readonly timeoutMilliseconds: number;
  readonly replies: ReplyRules;
  readonly password: "text" | "digest";
  readonly transport: HttpTransport;
  readonly verifyAssertion: TokenExpectation["verifyAssertion"];
}

/** What a token is asked for. */
export interface TokenRequest {
  readonly appliesTo: string;
  readonly audience: string;
  readonly tokenType: TokenExpectation["tokenType"];
  /** The key that the token is to be tied to; undefined for a bearer token. */
  readonly key: SigningKey | undefined;
  readonly claims: readonly string[] | undefined;
  readonly lifetimeMilliseconds: number | undefined;
}

/** Octets of a broker's answer. */
const maxAnswer = 262_144;

/** Gets tokens from one broker by WS-Trust 1.3 and 1.4 Issue. Keeps neither tokens nor passwords. */
export class BrokerExchange {
  readonly #broker: BrokerEndpoint;

  constructor(broker: BrokerEndpoint) {
    this.#broker = broker;
  }

  /** Where the broker is. */
  get url(): URL {
    return this.#broker.url;
  }

  /**
   * Asks for one token.
   * @throws ERR_STS_UNREACHABLE, ERR_STS_FAULT (a {@link SoapFaultError}), ERR_STS_RESPONSE_INVALID
   */
  async request(asked: TokenRequest, credentials: Credentials): Promise<IssuedToken> {
    const { replies, soapVersion } = this.#broker;
    const context = `urn:uuid:${randomUuid()}`;
    const messageId = `urn:uuid:${randomUuid()}`;
    const now = replies.clock.now();
    const { envelope, contentType } = this.#secure(asked, context, messageId, credentials, now);
    const response = await this.#send(envelope, contentType);
    const message = await readSoapReply(response, replies, { version: soapVersion, confirm: undefined, messageId });
    const document = scan(Buffer.from(message.body.bytes));
    const content = document.firstChild(0);
    if (content === -1 || document.nextSibling(content) !== -1)
      refuse("ERR_STS_RESPONSE_INVALID", "the answer's Body must hold one element");
    const [first, second] = parseRequestSecurityTokenResponses(document, content);
    if (first === undefined || second !== undefined)
      refuse("ERR_STS_RESPONSE_INVALID", "the answer must hold one response");
    const { verifyAssertion } = this.#broker;
    const { appliesTo, audience, tokenType, key } = asked;
    const received = replies.clock.now();
    return takeToken(first, {
      context,
      appliesTo,
      audience,
      tokenType,
      publicKey: key?.publicKey,
      now: received,
      verifyAssertion,
    });
  }

  #secure(
    asked: TokenRequest,
    context: string,
    messageId: string,
    credentials: Credentials,
    now: number,
  ): SecuredMessage {
    const { url, soapVersion, password, replies } = this.#broker;
    const { appliesTo, tokenType, key, claims, lifetimeMilliseconds } = asked;
    const signatureId = key && randomId("sig-");
    const request: RequestSecurityToken = {
      context,
      requestType: trust13.requestTypes.issue,
      tokenType: tokenTypes[tokenType],
      appliesTo,
      keyType: key === undefined ? "bearer" : "public-key",
      claims: claims?.map((type) => ({ type })),
      lifetime: lifetimeMilliseconds === undefined ? undefined : { created: now, expires: now + lifetimeMilliseconds },
      useKey: key && { publicKey: key.publicKey, certificate: key.certificate, signatureId },
    };
    const action = trust13.actions.issue;
    const content = writeRequestSecurityToken(request);
    const envelope = writeTrustEnvelope({ version: soapVersion, action, to: url.href, messageId, content });
    const usernameToken = issueUsernameToken({ ...credentials, as: password, now }).xml;
    const { clock } = replies;
    if (key === undefined) return secureMessage(envelope, { tokens: [usernameToken], clock });
    const { reference, tokens } = keyReferenceOf(key);
    return secureMessage(envelope, {
      tokens: [usernameToken, ...tokens],
      signatures: [
        {
          key: key.privateKey,
          algorithm: key.algorithm,
          reference,
          parts: ["body", "timestamp", "addressing"],
          id: signatureId,
        },
      ],
      clock,
    });
  }

  async #send(body: Uint8Array, contentType: string): Promise<HttpResponse> {
    const { url, transport, timeoutMilliseconds } = this.#broker;
    const headers = soapHeaders(contentType, trust13.actions.issue);
    let response: HttpResponse;
    try {
      response = await transport.send({
        url,
        method: "POST",
        headers,
        body,
        timeoutMilliseconds,
        maxResponse: maxAnswer,
      });
    } catch (cause) {
      if (isCountersignError(cause)) refuse("ERR_STS_RESPONSE_INVALID", cause.detail.reason, { cause });
      throw new CountersignError("ERR_STS_UNREACHABLE", {
        reason: `the broker at ${url.href} cannot be reached: ${cause instanceof Error ? cause.message : "unknown error"}`,
        rule: "broker.url",
        remedy: "Check the address, the broker, and broker.tls.ca.",
        cause,
      });
    }
    if (response.body.length > maxAnswer)
      refuse("ERR_STS_RESPONSE_INVALID", `the broker's answer has more than ${maxAnswer} octets`);
    if (response.status === 503) refuse("ERR_STS_UNREACHABLE", "the broker answers that it is not available");
    return response;
  }
}
