import type { KeyRing } from "../crypto/index.js";
import type { ResponseRule, SchemeRequirement, ValueContext, VariableRequest } from "../identity/index.js";
import type { SessionStore } from "../state/index.js";
import type { Clock } from "../time/index.js";
import type { UserDirectory } from "./directory.js";

/** Resources that are protected in one way. */
export interface RealmOptions {
  /** Policies, agents and records name it so. */
  readonly name: string;
  /** Its resources: `/orders` for one, `/orders/*` for everything at and below it. Of several realms the most exact one counts. */
  readonly resources: readonly string[];
  /** How credentials are shown; a list where there is more than one way. */
  readonly scheme: SchemeRequirement | readonly SchemeRequirement[];
  /**
   * Protection level, 0 to 1000: how much its schemes prove. A session of a lower level does not count in this realm, one of
   * an equal or higher level does. Default 5.
   */
  readonly level?: number | undefined;
}

/** Who a policy is for. */
export type PolicyUser =
  /** A user's name. */
  | string
  /** Users with one of these values in an attribute. */
  | { readonly attribute: string; readonly values: readonly string[] };

/** What a rule lets its users do. */
export interface PolicyRule {
  /** HTTP methods. Default `["POST"]`. */
  readonly methods?: readonly string[] | undefined;
  /** Resource patterns. Default: those of the realm. */
  readonly resources?: readonly string[] | undefined;
  /** SOAP operations, `{namespace}name`. Default: any, and messages that are no SOAP. */
  readonly operations?: readonly string[] | undefined;
}

/** Lets users do something, and says what the agent adds to their requests. Whatever no policy permits is denied. */
export interface PolicyOptions {
  /** Audit records name it so. Default: the realm's name and the policy's number. */
  readonly name?: string | undefined;
  /** The realm whose resources it is about. */
  readonly realm: string;
  /** What it permits; one of them is enough. */
  readonly rules: readonly PolicyRule[];
  /** Whom it permits; `"everyone"` for every user that authenticated. */
  readonly users: "everyone" | readonly PolicyUser[];
  /** Must answer true too. A rule over content variables; what throws or answers anything else is a defect, and denies. */
  readonly when?: ((context: ValueContext) => boolean) | undefined;
  /** What the agent does where this policy permits. Default: nothing. */
  readonly responses?: readonly ResponseRule[] | undefined;
  /** Realms where the authentication data of its responses is to be used: each must take it. */
  readonly associated?: readonly string[] | undefined;
}

/** How long sessions count. */
export interface SessionOptions {
  /** Seals the tickets. */
  readonly keys: KeyRing;
  /** Default 1,800. */
  readonly idleSeconds?: number | undefined;
  /** Default 28,800 (8 h). */
  readonly maxSeconds?: number | undefined;
  /** Where sessions are kept. Default: in memory, for one process. */
  readonly store?: SessionStore | undefined;
}

/** Options of `policyServer`. */
export interface PolicyServerOptions {
  /** Where users are known. */
  readonly users: UserDirectory;
  /** How long sessions count, and under which keys. */
  readonly sessions: SessionOptions;
  /** What is protected, and how. */
  readonly realms: readonly RealmOptions[];
  /** Who may do what; the first one that permits a request decides what is added to it. */
  readonly policies: readonly PolicyOptions[];
  /** Resources that nobody need authenticate for. Default none. What is in no realm and not here is refused. */
  readonly open?: readonly string[] | undefined;
  /** Content variables that policies and responses may use. */
  readonly variables?: readonly VariableRequest[] | undefined;
  /** For how long a callback may think. Default 3,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Label in every ticket and record: two policy servers with one label and one key ring take each other's tickets. Default `"countersign"`. */
  readonly tenant?: string | undefined;
  /** What tells the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}
