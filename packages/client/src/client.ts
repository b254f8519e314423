import {
  allowInsecureTransport,
  ConfigurationError,
  CountersignError,
  contentTypeOf,
  isCountersignError,
  parseEnvelope,
  refuse,
  type SecuredMessage,
  scan,
  secureMessage,
  type VerifiedMessage,
} from "@countersign/core/sts";
import { addressingBlocks } from "./addressing.js";
import { type CompiledClient, compileClient } from "./compile.js";
import { Conversations, type HeldContext, type Peer } from "./conversation.js";
import { askBearer } from "./credentials.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import type { IssuedToken } from "./issued-token.js";
import { soapHeaders } from "./media-type.js";
import type { ClientOptions } from "./options.js";
import { readSoapReply } from "./reply.js";
import { IssuedTokenRequestor, type Target } from "./requestor.js";

/** The service that a token or message is for. */
export interface TargetOptions {
  /** Address by which the broker knows the service. Default: the URL without query. */
  readonly appliesTo?: string | undefined;
  /** Audience that its tokens name. Default: `appliesTo`. */
  readonly audience?: string | undefined;
}

/** Options of {@link Client.secure}. */
export interface SecureOptions extends TargetOptions {
  /** The address of the WS-Addressing headers, where the client adds them. */
  readonly to?: string | undefined;
  /** The action of the WS-Addressing headers. */
  readonly action?: string | undefined;
}

/** A message that is ready to be sent. */
export interface SecuredEnvelope {
  readonly envelope: Uint8Array;
  readonly contentType: string;
}

/** Options of {@link Client.fetch}. */
export interface FetchOptions extends TargetOptions {
  /** A SOAP envelope without Security header; of a `bearer` client anything. */
  readonly body?: string | Uint8Array | undefined;
  /** SOAPAction, or the action of the SOAP 1.2 media type. */
  readonly action?: string | undefined;
  /** Further HTTP headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of a `bearer` client: makes the request one without SOAP, whose reply is handed over as it comes. */
  readonly contentType?: string | undefined;
  /** Of such a request. Default `POST`. */
  readonly method?: string | undefined;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A service's reply. */
export interface ServiceReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The octets as received. */
  readonly body: Uint8Array;
  /** What of the reply is protected; undefined for an empty reply and for one without SOAP. */
  readonly message: VerifiedMessage | undefined;
}

/** A requestor: proves itself to services, and verifies what they answer. */
export interface Client {
  /**
   * A token for a service, from the cache or from the broker.
   * @throws ERR_STS_UNREACHABLE, ERR_STS_FAULT, ERR_STS_RESPONSE_INVALID; ConfigurationError where there is no broker
   */
  obtainToken(target: TargetOptions & { readonly appliesTo: string }): Promise<IssuedToken>;
  /** Puts a Security header into a SOAP envelope: Timestamp, token, signature. */
  secure(envelope: string | Uint8Array, options?: SecureOptions): Promise<SecuredEnvelope>;
  /**
   * Secures a message, sends it, and verifies the reply.
   * @throws SoapFaultError for a fault; ERR_SERVICE_RESPONSE_INVALID for a reply that does not hold; ERR_UNAVAILABLE where
   * the service cannot be reached; and what {@link Client.obtainToken} throws
   */
  fetch(url: string | URL, options?: FetchOptions): Promise<ServiceReply>;
  /** Cancels contexts, forgets tokens and ends connections. */
  close(): Promise<void>;
}

/**
 * Creates a client for one requestor. It keeps tokens, never passwords: credentials are asked for each time.
 * @throws ConfigurationError for any wrong, impossible or insecure option, with its path and the remedy
 */
export function createClient(options: ClientOptions): Client {
  return new ServiceClient(compileClient(options), options[allowInsecureTransport] === true);
}

class ServiceClient implements Client {
  readonly #client: CompiledClient;
  readonly #insecure: boolean;
  readonly #conversations: Conversations | undefined;

  constructor(client: CompiledClient, insecure: boolean) {
    this.#client = client;
    this.#insecure = insecure;
    const { requestor, conversation } = client;
    this.#conversations =
      requestor &&
      conversation &&
      new Conversations(requestor, conversation, (peer, message, request) => this.#converse(peer, message, request));
  }

  async obtainToken(target: TargetOptions & { readonly appliesTo: string }): Promise<IssuedToken> {
    const { requestor } = this.#client;
    if (requestor instanceof IssuedTokenRequestor) return requestor.obtain(targetOf(target, target.appliesTo));
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "broker",
      "There is no broker to get a token from.",
      "Give broker and credentials.",
    );
  }

  async secure(envelope: string | Uint8Array, options: SecureOptions = {}): Promise<SecuredEnvelope> {
    const { envelope: secured, contentType } = (await this.#secure(envelope, options, options.to)).message;
    return { envelope: secured, contentType };
  }

  async fetch(target: string | URL, options: FetchOptions = {}): Promise<ServiceReply> {
    const url = new URL(target);
    if (this.#client.bearer !== undefined) return this.#fetchBearer(url, options, this.#client.bearer);
    const { requestor } = this.#client;
    this.#requireTls(url, requestor?.secret !== false || this.#conversations !== undefined);
    const first = await this.#secure(options.body ?? "", options, url.href);
    try {
      return await this.#fetchSecured(url, options, first);
    } catch (error) {
      const { context } = first;
      if (context === undefined || !this.#conversations?.isLost(error)) throw error;
      // The service knows the context no more, and so did nothing: once, with a new one.
      this.#conversations.forget(context);
      return this.#fetchSecured(url, options, await this.#secure(options.body ?? "", options, url.href));
    }
  }

  async #fetchSecured(
    url: URL,
    options: FetchOptions,
    { message, messageId, context }: SecuredRequest,
  ): Promise<ServiceReply> {
    const { confirmed } = this.#client;
    const rules = this.#client.replies;
    const read = rules.signed || rules.certificates !== undefined;
    const replies = { ...rules, contexts: read && context ? this.#conversations?.sourceOf(context) : undefined };
    const headers = { ...options.headers, ...soapHeaders(message.contentType, options.action) };
    const response = await this.#send({ url, method: "POST", headers, body: message.envelope, signal: options.signal });
    if (isEmpty(response) && !replies.signed && !replies.encrypted) return { ...response, message: undefined };
    const confirm = confirmed ? message.signatureValues : undefined;
    const verified = await readSoapReply(response, replies, { version: message.version, confirm, messageId });
    return { ...response, message: verified };
  }

  async close(): Promise<void> {
    await this.#conversations?.close();
    this.#client.close();
  }

  async #fetchBearer(
    url: URL,
    options: FetchOptions,
    bearer: NonNullable<CompiledClient["bearer"]>,
  ): Promise<ServiceReply> {
    this.#requireTls(url, true);
    const body = Buffer.from(options.body ?? "");
    const { contentType, method = "POST", action, signal } = options;
    const version = contentType === undefined && body.length > 0 ? parseEnvelope(scan(body)).version : undefined;
    const media =
      version === undefined
        ? contentType && { "content-type": contentType }
        : soapHeaders(contentTypeOf(version), action);
    const headers = { ...options.headers, ...media, authorization: `Bearer ${await askBearer(bearer)}` };
    const response = await this.#send({ url, method: version === undefined ? method : "POST", headers, body, signal });
    const { replies } = this.#client;
    if (version === undefined && !replies.signed) return { ...response, message: undefined };
    if (isEmpty(response) && !replies.signed) return { ...response, message: undefined };
    const sent = { version: version ?? "1.2", confirm: undefined, messageId: undefined } as const;
    return { ...response, message: await readSoapReply(response, replies, sent) };
  }

  async #secure(
    envelope: string | Uint8Array,
    { action, ...target }: SecureOptions,
    to: string | undefined,
  ): Promise<SecuredRequest> {
    const { requestor, addressing, clock, timestampSeconds, encryption: encrypt } = this.#client;
    if (requestor === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        "bearer",
        "A JWT travels in the Authorization header, not in an envelope.",
        "Use fetch.",
      );
    }
    const proved = targetOf(target, withoutQuery(to));
    const context = this.#conversations && (await this.#contextFor(this.#conversations, envelope, proved, to));
    const { tokens, signatures } =
      (context && this.#conversations?.proveBy(context)) ?? (await requestor.prove(proved));
    const added = addressing ? addressingBlocks(to, action) : undefined;
    const timestamp = { ttlSeconds: timestampSeconds };
    const message = secureMessage(envelope, { blocks: added?.blocks, tokens, signatures, encrypt, clock, timestamp });
    return { message, messageId: added?.messageId, context };
  }

  async #contextFor(
    conversations: Conversations,
    envelope: string | Uint8Array,
    target: Target,
    to: string | undefined,
  ): Promise<HeldContext> {
    if (to === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        "to",
        "A conversation is held with a service, and none is named.",
        "Name its address.",
      );
    }
    const url = new URL(to);
    this.#requireTls(url, true);
    const { version } = parseEnvelope(scan(Buffer.from(envelope)));
    return conversations.get({ url, target, version });
  }

  /** Sends a request about a context. The answer holds what the key is made of, so that TLS must vouch for it anyway. */
  async #converse(
    { url, version }: Peer,
    { envelope, contentType }: { readonly envelope: Uint8Array; readonly contentType: string },
    { action, messageId }: { readonly action: string; readonly messageId: string },
  ): Promise<VerifiedMessage> {
    this.#requireTls(url, true);
    const headers = soapHeaders(contentType, action);
    const response = await this.#send({ url, method: "POST", headers, body: envelope });
    const replies = {
      ...this.#client.replies,
      certificates: undefined,
      signed: false,
      decryption: undefined,
      encrypted: false,
    };
    return readSoapReply(response, replies, { version, confirm: undefined, messageId });
  }

  /** Secrets need TLS; so do replies that no signature protects. */
  #requireTls(url: URL, secret: boolean): void {
    if (url.protocol === "https:" || this.#insecure) return;
    if (url.protocol === "http:" && !secret && this.#client.replies.signed) return;
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "url",
      `${url.origin} is not an https address, and ${secret ? "the message holds a secret" : "its replies need not be signed"}.`,
      "Use https, or allowInsecureTransport on a development machine.",
    );
  }

  async #send(request: Pick<HttpRequest, "url" | "method" | "headers" | "body" | "signal">): Promise<HttpResponse> {
    const { transport, timeoutMilliseconds, maxReply } = this.#client;
    try {
      return await transport.send({ ...request, timeoutMilliseconds, maxResponse: maxReply });
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      if (isCountersignError(cause)) refuse("ERR_SERVICE_RESPONSE_INVALID", cause.detail.reason, { cause });
      throw new CountersignError("ERR_UNAVAILABLE", {
        reason: `${request.url.origin} cannot be reached: ${cause instanceof Error ? cause.message : "unknown error"}`,
        remedy: "Check the address, the service, and tls.ca.",
        cause,
      });
    }
  }
}

/** A secured message, and what its reply is verified by. */
interface SecuredRequest {
  readonly message: SecuredMessage;
  readonly messageId: string | undefined;
  /** The context that it was secured under. */
  readonly context: HeldContext | undefined;
}

function targetOf({ appliesTo, audience }: TargetOptions, address: string | undefined): Target {
  const named = appliesTo ?? address ?? "";
  return { appliesTo: named, audience: audience ?? named };
}

const withoutQuery = (url: string | undefined): string | undefined => url?.replace(/[?#].*$/s, "");

/** An answer that says only that the message came in. */
const isEmpty = (response: HttpResponse): boolean =>
  response.status >= 200 && response.status <= 299 && response.body.length === 0;
