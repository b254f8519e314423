import type { TokenStatus, VerifiedMessage } from "@countersign/core/sts";
import type { IssuedToken } from "./issued-token.js";

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

/** Options of {@link Client.amendContext}. */
export interface AmendOptions extends TargetOptions {
  /** With `broker`: types of the claims that the further token must carry. Default: as ever. */
  readonly claims?: readonly string[] | undefined;
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
  /**
   * Asks the broker whether a token that it issued is good at this moment (WS-Trust 1.4 section 7).
   * @param token The assertion, XML text that stands alone.
   * @throws as {@link Client.obtainToken}: without an answer nothing is known
   */
  validateToken(token: string): Promise<TokenStatus>;
  /**
   * Has the broker revoke a token that this client was issued (WS-Trust 1.4 section 6). Services that ask the broker refuse it
   * from then on; those that validate alone take it to its end.
   * @param token As in {@link Client.validateToken}, or {@link IssuedToken.xml}.
   * @throws as {@link Client.obtainToken}
   */
  cancelToken(token: string): Promise<void>;
  /** Puts a Security header into a SOAP envelope: Timestamp, token, signature. */
  secure(envelope: string | Uint8Array, options?: SecureOptions): Promise<SecuredEnvelope>;
  /**
   * Secures a message, sends it, and verifies the reply.
   * @throws SoapFaultError for a fault; ERR_SERVICE_RESPONSE_INVALID for a reply that does not hold; ERR_UNAVAILABLE where
   * the service cannot be reached; and what {@link Client.obtainToken} throws
   */
  fetch(url: string | URL, options?: FetchOptions): Promise<ServiceReply>;
  /**
   * Renews the security context with a service now; it is done ahead of its end anyway.
   * @throws as {@link Client.fetch}; ConfigurationError without `conversation`, and where no context is held with the service
   */
  renewContext(url: string | URL, target?: TargetOptions): Promise<void>;
  /**
   * Adds the claims of a further token to the security context with a service: one that the client shows as if it had to
   * establish a context (WS-SecureConversation 1.4 section 4).
   * @throws as {@link Client.renewContext}
   */
  amendContext(url: string | URL, options?: AmendOptions): Promise<void>;
  /**
   * Cancels the security context with a service, where one is held; the next message establishes another.
   * @throws as {@link Client.renewContext}
   */
  cancelContext(url: string | URL, target?: TargetOptions): Promise<void>;
  /** Cancels contexts, forgets tokens and ends connections. */
  close(): Promise<void>;
}
