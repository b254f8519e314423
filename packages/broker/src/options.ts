import type {
  allowInsecureTransport,
  Clock,
  IssuedTokenStore,
  KeyInput,
  MessageLimits,
  PemOrDer,
  ReplayCache,
} from "@countersign/core/sts";
import type { DelegationRule } from "./delegation-rule.js";
import type { AuthenticateCallback, IdentityProvider } from "./identity-provider.js";
import type { BrokerAuditSink } from "./issuance-event.js";
import type { RelyingParty } from "./relying-party.js";

/** What a broker signs with. */
export interface BrokerSigning {
  readonly key: KeyInput;
  readonly certificate: PemOrDer;
  /** URI of the signature method. Default: SHA-256 with the key's own family. */
  readonly algorithm?: string | undefined;
}

/** Options of a broker. The whole list is checked at start; an unknown or impossible option throws {@link ConfigurationError}. */
export interface BrokerOptions {
  /** The issuer's name in every token: services list it in `trust.issuers`. */
  readonly issuer: string;
  /** The public origin of the broker, for example `https://sts.example`. */
  readonly origin: string;
  /** Path of its endpoint below the origin. Default `/sts`. */
  readonly path?: string | undefined;
  /** What tokens and replies are signed with. */
  readonly signing: BrokerSigning & {
    /** Certificates that it signed with before: tokens under them are still its own. Default: none. */
    readonly previous?: readonly PemOrDer[] | undefined;
  };
  /** Who checks credentials. */
  readonly identityProvider: IdentityProvider | AuthenticateCallback;
  /** The services for which tokens may be issued. Any other is refused. */
  readonly relyingParties: readonly RelyingParty[];
  /** Who may be issued tokens for somebody else's subject, and which. Default: nobody. */
  readonly delegation?: readonly DelegationRule[] | undefined;
  /** Where issued tokens are remembered, for renewal, validation and revocation. Default: in memory, one per broker. */
  readonly tokens?: IssuedTokenStore | undefined;
  /** Lives of tokens, in seconds: 1,800 by default and 43,200 at most. */
  readonly lifetime?:
    | { readonly defaultSeconds?: number | undefined; readonly maxSeconds?: number | undefined }
    | undefined;
  /** Signs Body and Timestamp of every reply and confirms the request's signatures. Default true. */
  readonly signReplies?: boolean | undefined;
  /** Skew allowed in every time comparison. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** Work bounds of one request, as of a guard. */
  readonly limits?: Partial<MessageLimits> | undefined;
  /** Shared store for what may be accepted once. Default: in memory, one per process. */
  readonly replay?: ReplayCache | undefined;
  /** Where decisions and operations are recorded. With `mandatory`, no token leaves without a record. Default: nowhere. */
  readonly audit?:
    | BrokerAuditSink
    | { readonly sink: BrokerAuditSink; readonly mandatory?: boolean | undefined }
    | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Accepts passwords over unencrypted connections. For development on loopback only; warned about at start. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}
