import type {
  allowInsecureTransport,
  Clock,
  ConversationVersion,
  DecryptionKeyOptions,
  KeyInput,
  MessageEncryptionOptions,
  PemOrDer,
  SoapVersion,
} from "@countersign/core/sts";
import type { HttpTransport, TlsOptions } from "./http.js";

/** What a requestor proves itself with, once, to a broker or a service. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Gives the credentials each time they are needed; the client keeps none. A rejection is passed on. */
export type CredentialsCallback = () => Credentials | Promise<Credentials>;

/** Gives a JWT each time one is needed. Caching it is the callback's business. */
export type BearerCallback = () => string | Promise<string>;

/** The security token service that tokens come from. */
export interface BrokerTarget {
  /** Address of its WS-Trust endpoint; https. */
  readonly url: string;
  /**
   * Certificates that it signs with. Where given, replies and assertions that are signed must be signed by one of them; a
   * bare TLS connection to `url` is enough otherwise.
   */
  readonly certificates?: readonly PemOrDer[] | undefined;
  /** Demands that its replies are signed (Body and Timestamp). Needs `certificates`. Default false. */
  readonly signedReplies?: boolean | undefined;
  /** Default `1.2`. */
  readonly soapVersion?: SoapVersion | undefined;
  /** TLS towards it. */
  readonly tls?: TlsOptions | undefined;
  /** Default 3, at most 30. */
  readonly timeoutSeconds?: number | undefined;
}

/** A key of the requestor's own. */
export interface RequestorKey {
  readonly privateKey: KeyInput;
  readonly certificate?: PemOrDer | undefined;
  /** URI of the signature method. Default: SHA-256 (or the curve's hash) with the key's own family. */
  readonly algorithm?: string | undefined;
  /** How messages name the certificate. Default: the certificate itself is sent. */
  readonly reference?: "certificate" | "thumbprint" | "issuer-serial" | "subject-key-identifier" | undefined;
}

/** How a client holds security contexts with services (WS-SecureConversation 1.4). */
export interface ConversationDemands {
  /** What is spoken: 1.3, whose words 1.4 keeps, or those of February 2005. Default `1.3`. */
  readonly version?: ConversationVersion | undefined;
  /** Signs each message with a key derived for it, or with the context's own. Default `true`. */
  readonly derivedKeys?: boolean | undefined;
  /** Life to ask for. Default: the service decides. */
  readonly lifetimeSeconds?: number | undefined;
  /** How long before its end a context is renewed. Default 60. */
  readonly renewalSeconds?: number | undefined;
}

/** For whom and how messages are encrypted. */
export interface MessageEncryptionDemands extends Omit<MessageEncryptionOptions, "for"> {
  /** The service's certificate; `"context"`: the conversation's key. */
  readonly for: MessageEncryptionOptions["for"] | "context";
}

/** What is demanded of a service's replies. */
export interface ReplyDemands {
  /** Demands that Body and Timestamp are signed with one of `certificates`, or under the conversation. Default false: TLS vouches for the reply. */
  readonly signed?: boolean | undefined;
  readonly certificates?: readonly PemOrDer[] | undefined;
  /** Demands that the reply confirms the request's signatures (WS-Security 1.1 section 8.5). Default false. */
  readonly confirmed?: boolean | undefined;
  /** Demands that the Body is encrypted for a key of `decryption`, or under the conversation. Default false. */
  readonly encrypted?: boolean | undefined;
}

/**
 * Options of a client: one requestor, who proves itself in one of four ways.
 *
 * | Given | Messages carry |
 * |---|---|
 * | `broker`, `credentials` | a SAML 2.0 or 1.1 token from the broker; with `keyType: "public-key"` also a signature with the key that the token names |
 * | `credentials` | a UsernameToken |
 * | `key` with `certificate` | a signature with that key |
 * | `bearer` | `Authorization: Bearer` with a JWT |
 */
export interface ClientOptions {
  /**
   * Where tokens come from; needs `credentials`. Several in order of preference: one that cannot be reached, or answers 503, is
   * passed over, and after three times in a row left alone for five seconds. What a broker decides is not asked again.
   */
  readonly broker?: BrokerTarget | readonly BrokerTarget[] | undefined;
  /** Gives name and password: for the broker, or for the service itself. */
  readonly credentials?: CredentialsCallback | undefined;
  /** How passwords travel in UsernameTokens. Default `text`; both need TLS. */
  readonly password?: "text" | "digest" | undefined;
  /** The requestor's own key: with a certificate to sign messages with, or the one that `keyType: "public-key"` ties tokens to. */
  readonly key?: RequestorKey | undefined;
  /** Gives a JWT; stands alone. */
  readonly bearer?: BearerCallback | undefined;
  /** With `broker`: what the token is tied to. `public-key` uses `key`, or a P-256 key pair made for this client. Default `bearer`. */
  readonly keyType?: "bearer" | "public-key" | undefined;
  /** With `broker`: the kind of token to ask for; another is refused. Default `saml2`. */
  readonly tokenType?: "saml2" | "saml11" | undefined;
  /** With `broker`: types of the claims that the token must carry. Default: the broker decides. */
  readonly claims?: readonly string[] | undefined;
  /** With `broker`: the life to ask for. Default: the broker decides. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** With `broker`: how long before its end a token is no longer used. Default 10. */
  readonly marginSeconds?: number | undefined;
  /**
   * Proves itself to a service only to establish a security context, and signs messages under that. Whoever has `reply.signed`
   * too needs `reply.confirmed`: the same secret signs in both directions.
   */
  readonly conversation?: ConversationDemands | undefined;
  /** TLS towards services. */
  readonly tls?: TlsOptions | undefined;
  /** What is demanded of replies. Default: nothing beyond TLS. */
  readonly reply?: ReplyDemands | undefined;
  /**
   * Encrypts messages for the service's certificate, or with `for: "context"` under the conversation, each with a key derived
   * for it: the Body, unless `parts` says otherwise (`token` is the UsernameToken or assertion, `signature` the message
   * signature), signed first unless `order` says otherwise. A message that establishes a context is encrypted for a
   * certificate only. Default: nothing is encrypted.
   */
  readonly encrypt?: MessageEncryptionDemands | undefined;
  /**
   * Keys that replies may be encrypted for, each with its certificate; what is signed in a reply must then verify with one of
   * `reply.certificates`. Default none: then a reply is handed over as it came, or refused where its signature is demanded.
   */
  readonly decryption?: readonly DecryptionKeyOptions[] | undefined;
  /** Adds WS-Addressing 1.0 headers (Action, MessageID, To, ReplyTo); signed where the message is. Default false. */
  readonly addressing?: boolean | undefined;
  /** Life of a message's Timestamp. Default 300. */
  readonly timestampSeconds?: number | undefined;
  /** Time for a service to answer. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** Octets of a service's reply. Default 1 MiB, at most 16 MiB. */
  readonly maxReply?: number | undefined;
  /** Skew allowed in every time comparison. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** What carries requests to services and to the broker; it stays open. Default: node:https with the TLS options above. */
  readonly transport?: HttpTransport | undefined;
  /** Allows `http:` where secrets or unsigned replies would travel. For development only; warned about at start. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}
