import {
  CountersignError,
  isCountersignError,
  issueUsernameToken,
  parseRequestSecurityTokenResponse,
  parseRequestSecurityTokenResponses,
  type RequestSecurityToken,
  type ResponseContent,
  randomId,
  randomUuid,
  refuse,
  type SecuredMessage,
  type SoapVersion,
  scan,
  secureMessage,
  type TrustOperation,
  tokenTypes,
  trust13,
  writeRequestSecurityToken,
  writeTrustEnvelope,
  type XmlDocument,
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

/** What can be asked about a token that was issued before. */
export type TokenOperation = "validate" | "cancel";

/** A key whose possession a request proves. */
interface KeyProof {
  readonly key: SigningKey;
  readonly signatureId: string | undefined;
}

/** Octets of a broker's answer. */
const maxAnswer = 262_144;

/** Speaks WS-Trust 1.3 and 1.4 with one broker. Keeps neither tokens nor passwords. */
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
    const context = `urn:uuid:${randomUuid()}`;
    const { appliesTo, audience, tokenType, key, claims, lifetimeMilliseconds } = asked;
    const { replies, verifyAssertion } = this.#broker;
    const now = replies.clock.now();
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
    const proof = key && { key, signatureId };
    const { document, content } = await this.#exchange("issue", request, credentials, proof);
    const [first, second] = parseRequestSecurityTokenResponses(document, content);
    if (first === undefined || second !== undefined)
      refuse("ERR_STS_RESPONSE_INVALID", "the answer must hold one response");
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

  /**
   * Asks for something about a token that was issued before.
   * @returns the one response, which belongs to this request
   * @throws ERR_STS_UNREACHABLE, ERR_STS_FAULT (a {@link SoapFaultError}), ERR_STS_RESPONSE_INVALID
   */
  async operate(operation: TokenOperation, token: string, credentials: Credentials): Promise<ResponseContent> {
    const context = `urn:uuid:${randomUuid()}`;
    const tokenType = operation === "validate" ? trust13.statusType : undefined;
    const request = { context, requestType: trust13.requestTypes[operation], tokenType, target: token };
    const { document, content } = await this.#exchange(operation, request, credentials, undefined);
    const response = parseRequestSecurityTokenResponse(document, content, trust13);
    if (response.context !== undefined && response.context !== context) {
      refuse("ERR_STS_RESPONSE_INVALID", "the response belongs to another request (Context)", {
        rule: "WS-Trust 1.4, 3.2",
      });
    }
    return response;
  }

  /** Sends a request, and reads what comes back as far as every operation has it. */
  async #exchange(
    operation: TrustOperation,
    request: RequestSecurityToken,
    credentials: Credentials,
    proof: KeyProof | undefined,
  ): Promise<{ readonly document: XmlDocument; readonly content: number }> {
    const { replies, soapVersion } = this.#broker;
    const messageId = `urn:uuid:${randomUuid()}`;
    const { envelope, contentType } = this.#secure(operation, request, messageId, credentials, proof);
    const response = await this.#send(trust13.actions[operation], envelope, contentType);
    const message = await readSoapReply(response, replies, { version: soapVersion, confirm: undefined, messageId });
    const document = scan(Buffer.from(message.body.bytes));
    const content = document.firstChild(0);
    if (content === -1 || document.nextSibling(content) !== -1)
      refuse("ERR_STS_RESPONSE_INVALID", "the answer's Body must hold one element");
    return { document, content };
  }

  #secure(
    operation: TrustOperation,
    request: RequestSecurityToken,
    messageId: string,
    credentials: Credentials,
    proof: KeyProof | undefined,
  ): SecuredMessage {
    const { url, soapVersion, password, replies } = this.#broker;
    const { clock } = replies;
    const action = trust13.actions[operation];
    const content = writeRequestSecurityToken(request);
    const envelope = writeTrustEnvelope({ version: soapVersion, action, to: url.href, messageId, content });
    const usernameToken = issueUsernameToken({ ...credentials, as: password, now: clock.now() }).xml;
    if (proof === undefined) return secureMessage(envelope, { tokens: [usernameToken], clock });
    const { key, signatureId } = proof;
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

  async #send(action: string, body: Uint8Array, contentType: string): Promise<HttpResponse> {
    const { url, transport, timeoutMilliseconds } = this.#broker;
    const headers = soapHeaders(contentType, action);
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
