import type { AuditSink } from "../audit/index.js";
import type { KeyInput, SuiteName, SuiteOptions } from "../crypto/index.js";
import type { Alternative, ClaimRule, TokenStatusSource } from "../policy/index.js";
import type { RevocationOptions } from "../revocation/index.js";
import type { ReplayCache } from "../state/index.js";
import type { Clock } from "../time/index.js";
import type { MessageEncryptionOptions } from "../wss/index.js";
import type { ConversationOptions } from "./conversation-options.js";
import type { allowInsecureTransport } from "./insecure.js";
import type { MessageLimits } from "./limits.js";
import type { SecurityContext } from "./security-context.js";

/** A certificate or key as text (PEM) or octets (DER). */
export type PemOrDer = string | Uint8Array;

/** Who is trusted, for what. Nothing is trusted by default. */
export interface TrustOptions {
  /** Issuers of SAML assertions: the exact Issuer text, and the certificates that sign for it. */
  readonly issuers?: readonly { readonly name: string; readonly certificates: readonly PemOrDer[] }[] | undefined;
  /** Certificate authorities for X.509 message signatures; then `x509({ subjects })` is mandatory. */
  readonly authorities?: readonly PemOrDer[] | undefined;
  /** Certificates trusted by being listed. */
  readonly certificates?: readonly PemOrDer[] | undefined;
  /**
   * Certificates by the ds:KeyName under which messages may name them. A name chooses, it trusts nothing: the certificate must
   * be one of `certificates`, or be issued under `authorities`. Default: no name is known.
   */
  readonly keyNames?: Readonly<Record<string, PemOrDer>> | undefined;
  /**
   * Whether certificates under `authorities` that sign messages are still good: see {@link RevocationOptions}. Listed
   * certificates (`certificates`, `issuers`, attesters) are not asked for: they are trusted until they are taken off the list.
   * Default: a certificate counts until it expires.
   */
  readonly revocation?: RevocationOptions | undefined;
  /**
   * Keys that messages may be encrypted for, each with the certificate that messages name it by; several where one follows
   * another. Default none: then what is encrypted for this service is refused. A message with encrypted parts is worked on
   * in the thread that took it: `limits.maxEncryptedMessage` bounds its size.
   */
  readonly decryption?: readonly { readonly key: KeyInput; readonly certificate: PemOrDer }[] | undefined;
}

/** How replies are protected. */
export interface ReplyOptions {
  /**
   * Signs Body and Timestamp of every SOAP reply with this key (and SignatureConfirmation where the request was signed and
   * `confirm` is set). `"context"`: of replies to messages under a security context, with a key derived from it.
   * `"request-key"`: of replies to messages that were signed with a key sent along in an EncryptedKey, with that same key,
   * named by EncryptedKeySHA1 (WS-Security 1.1 section 7.7).
   */
  readonly sign?:
    | { readonly key: KeyInput; readonly certificate: PemOrDer; readonly algorithm?: string | undefined }
    | "context"
    | "request-key"
    | undefined;
  /** Adds a Security header with a Timestamp. Default: true where `sign` is set. */
  readonly timestamp?: boolean | undefined;
  /** Adds wsse11:SignatureConfirmation (WS-Security 1.1 section 8.5). Default false. */
  readonly confirm?: boolean | undefined;
  /** Life of the reply's Timestamp. Default 300. */
  readonly ttlSeconds?: number | undefined;
  /**
   * Encrypts every SOAP reply: for the certificate that the requestor proved to hold (every alternative must then have one),
   * for the one given, with `for: "context"` under the security context of the request, with a key derived from it (every
   * alternative must then be a `securityContext`; the answer that establishes one is for TLS to protect), or with
   * `for: "request-key"` under the key of an EncryptedKey that the request was signed with.
   */
  readonly encrypt?:
    | (Omit<MessageEncryptionOptions, "for"> & { readonly for?: PemOrDer | "context" | "request-key" | undefined })
    | undefined;
}

/** What a handler's request is given besides the security context. */
export interface InjectOptions {
  /**
   * Header name to value. Before anything is set, every spelling of these names (case, `_` and `.` for `-`) is removed
   * from what the requestor sent. A function may return undefined: then the header is absent.
   */
  readonly headers?: Readonly<Record<string, string | ((security: SecurityContext) => string | undefined)>> | undefined;
  /** Further names that a requestor may never set. */
  readonly strip?: readonly string[] | undefined;
}

/** Options of a guard. The whole list is checked at start; an unknown or impossible option throws {@link ConfigurationError}. */
export interface GuardOptions {
  /** The service's public origin, for example `https://orders.example`. Identity is never taken from the Host header. */
  readonly origin: string;
  /** Who is trusted, for what. Default: nobody. */
  readonly trust?: TrustOptions | undefined;
  /** The ways in. A message must satisfy one of them whole. */
  readonly accept: readonly Alternative[];
  /** Lets callers establish security contexts here. Default: not. */
  readonly conversation?: ConversationOptions | undefined;
  /** What the verified identity must also have. */
  readonly require?: { readonly claims?: readonly ClaimRule[] | undefined } | undefined;
  /**
   * Asks about every SAML assertion and JWT, besides what the service finds out alone: whether it was revoked, and whether its
   * subject still is what it says. A good answer counts for `revalidateAfterSeconds` (default 60, 0: none does); without an
   * answer the request is refused. Default: services validate alone.
   */
  readonly validation?:
    | { readonly by: TokenStatusSource; readonly revalidateAfterSeconds?: number | undefined }
    | undefined;
  /** Headers that the handler's request is given. Default: none. */
  readonly inject?: InjectOptions | undefined;
  /** How SOAP replies are protected. Default: not at all. */
  readonly reply?: ReplyOptions | undefined;
  /** Lets a request without any credential through as anonymous. An invalid credential is always refused. Default false. */
  readonly anonymous?: boolean | undefined;
  /** SOAP particulars. */
  readonly soap?:
    | {
        /** The actor (SOAP 1.1) or role (1.2) whose Security header is ours. Default: the header without one, or addressed to the ultimate receiver. */
        readonly actor?: string | undefined;
        /** HTTP status of the neutral fault on SOAP 1.2. Default 400; 500 for WCF callers. */
        readonly soap12SenderStatus?: 400 | 500 | undefined;
        /** Header block names, `{namespace}name`, that the handler understands although marked mustUnderstand. */
        readonly understands?: readonly string[] | undefined;
        /**
         * The operation of each action: SOAPAction or wsa:Action to the Body's first element, `{namespace}name`. With it, a
         * message whose action names another operation than its Body is refused. Without it only SOAPAction and wsa:Action
         * must agree.
         */
        readonly actions?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  /** Skew allowed in every time comparison. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** Timestamp rules (WS-Security 1.1 section 10). Defaults: 300 s old, 60 s in the future, Expires not demanded. */
  readonly timestamp?:
    | {
        readonly maxAgeSeconds?: number | undefined;
        readonly futureSeconds?: number | undefined;
        readonly requireExpires?: boolean | undefined;
      }
    | undefined;
  /** Algorithms: the suite's name, and canonical forms beyond exclusive C14N without comments, by URI. */
  readonly algorithms?:
    | {
        readonly suite?: SuiteName | SuiteOptions | undefined;
        readonly canonicalization?: readonly string[] | undefined;
      }
    | undefined;
  /** Work bounds of one message; a higher one is an option of its own, and none can be switched off. */
  readonly limits?: Partial<MessageLimits> | undefined;
  /** Shared store for what may be accepted once. Default: in memory, one per process and tenant label. */
  readonly replay?: ReplayCache | undefined;
  /**
   * Takes messages with attachments: multipart/related, as SOAP with Attachments or with MTOM's packaging. They wait in
   * memory or in a temporary file until they are verified, and only then the handler runs. Default false: 415.
   */
  readonly attachments?: boolean | undefined;
  /** Label in every replay key: two guards with one label share what they have seen. Default: the origin. */
  readonly tenant?: string | undefined;
  /** Where decisions are recorded. Default: nowhere. */
  readonly audit?: { readonly sink: AuditSink; readonly mandatory?: boolean | undefined } | AuditSink | undefined;
  /** Sends the exact fault instead of the neutral one. For trial set-ups only; warned about at start. Default false. */
  readonly preciseFaults?: boolean | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** See {@link allowInsecureTransport}. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}
