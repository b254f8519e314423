import {
  allowInsecureTransport,
  ConfigurationError,
  type ContextSource,
  CountersignError,
  contentTypeOf,
  isCountersignError,
  parseEnvelope,
  refuse,
  type SecuredMessage,
  scan,
  secureMessage,
  type TokenStatus,
  type VerifiedMessage,
} from "@countersign/core/sts";
import { addressingBlocks } from "./addressing.js";
import type {
  AmendOptions,
  Client,
  FetchOptions,
  SecuredEnvelope,
  SecureOptions,
  ServiceReply,
  TargetOptions,
} from "./client-interface.js";
import { type CompiledClient, compileClient } from "./compile.js";
import { type ContextExchange, Conversations } from "./conversation.js";
import { askBearer } from "./credentials.js";
import type { HeldContext, Peer } from "./held-context.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import type { IssuedToken } from "./issued-token.js";
import { soapHeaders } from "./media-type.js";
import type { ClientOptions } from "./options.js";
import { readSoapReply } from "./reply.js";
import { IssuedTokenRequestor, type Target } from "./requestor.js";

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
      new Conversations(requestor, conversation, (...exchange) => this.#converse(...exchange));
  }

  async obtainToken(target: TargetOptions & { readonly appliesTo: string }): Promise<IssuedToken> {
    return this.#issued().obtain(targetOf(target, target.appliesTo));
  }

  async validateToken(token: string): Promise<TokenStatus> {
    return this.#issued().validate(token);
  }

  async cancelToken(token: string): Promise<void> {
    await this.#issued().cancel(token);
  }

  #issued(): IssuedTokenRequestor {
    const { requestor } = this.#client;
    if (requestor instanceof IssuedTokenRequestor) return requestor;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "broker",
      "There is no broker to ask about tokens.",
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
    const { confirmed, replies: rules } = this.#client;
    const replies = {
      ...rules,
      contexts: this.#replyContexts(context, rules.signed || rules.certificates !== undefined),
    };
    const headers = { ...options.headers, ...soapHeaders(message.contentType, options.action) };
    const response = await this.#send({ url, method: "POST", headers, body: message.envelope, signal: options.signal });
    if (isEmpty(response) && !replies.signed && !replies.encrypted) return { ...response, message: undefined };
    const confirm = confirmed ? message.signatureValues : undefined;
    const verified = await readSoapReply(response, replies, { version: message.version, confirm, messageId });
    return { ...response, message: verified };
  }

  /** Where a reply under a context finds its key: as far as replies are opened at all, and not left to TLS. */
  #replyContexts(context: HeldContext | undefined, read: boolean): ContextSource | undefined {
    const { encryption, replies } = this.#client;
    if (!read && !replies.encrypted && !encryption?.underContext) return undefined;
    return context && this.#conversations?.sourceOf(context);
  }

  async renewContext(url: string | URL, target: TargetOptions = {}): Promise<void> {
    await this.#held().renew(peerOf(url, target));
  }

  async amendContext(url: string | URL, { claims, ...target }: AmendOptions = {}): Promise<void> {
    if (claims !== undefined && !(this.#client.requestor instanceof IssuedTokenRequestor)) {
      throw new ConfigurationError("ERR_CONFIG_INVALID", "claims", "They are for tokens from a broker.", "Remove it.");
    }
    await this.#held().amend(peerOf(url, target), claims);
  }

  async cancelContext(url: string | URL, target: TargetOptions = {}): Promise<void> {
    await this.#held().cancel(peerOf(url, target));
  }

  #held(): Conversations {
    if (this.#conversations !== undefined) return this.#conversations;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "conversation",
      "This client holds no security contexts.",
      "Set it.",
    );
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
    const { requestor, addressing, clock, timestampSeconds, encryption } = this.#client;
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
    const encrypt = encryption?.for(context && this.#conversations?.recipientOf(context));
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
    ...[{ url, version }, { envelope, contentType }, { action, messageId, held }]: Parameters<ContextExchange>
  ): Promise<VerifiedMessage> {
    this.#requireTls(url, true);
    const headers = soapHeaders(contentType, action);
    const response = await this.#send({ url, method: "POST", headers, body: envelope });
    const { certificates, decryption, ...rules } = this.#client.replies;
    const replies = {
      ...rules,
      decryption,
      // What comes encrypted is opened, and then its signature is looked at too.
      certificates: decryption && certificates,
      contexts: this.#replyContexts(held, false),
      signed: false,
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

function peerOf(address: string | URL, target: TargetOptions): Omit<Peer, "version"> {
  const url = new URL(address);
  return { url, target: targetOf(target, withoutQuery(url.href)) };
}

const withoutQuery = (url: string | undefined): string | undefined => url?.replace(/[?#].*$/s, "");

/** An answer that says only that the message came in. */
const isEmpty = (response: HttpResponse): boolean =>
  response.status >= 200 && response.status <= 299 && response.body.length === 0;
