import type { Credentials } from "./credentials.js";
import type { ResponseAttribute } from "./response-attribute.js";
import type { SchemeRequirement } from "./scheme.js";
import type { SessionInfo } from "./session-info.js";

/**
 * What an agent asks a policy server. In process or remote: both are asked in the same way, and answer the same.
 *
 * Every method may reject with ERR_UNAVAILABLE: then nothing was decided, and the agent answers 503. A refusal is an answer,
 * never a rejection; its reason is for the audit record only.
 */
export interface DecisionPoint {
  /**
   * What some response of some policy needs of an agent's configuration, where the policy server is in process and can tell:
   * then the agent does not start without it.
   */
  readonly needs?: readonly AgentNeed[] | undefined;
  /** All schemes of its realms, likewise: an agent that cannot serve one of them does not start. */
  readonly schemes?: readonly SchemeRequirement[] | undefined;
  /** Whether a resource is protected, and how credentials for it must be shown. */
  isProtected(resource: ResourceQuery): Promise<ResourceProtection>;
  /** Checks credentials, and begins a session where they hold. */
  authenticate(request: AuthenticationRequest): Promise<AuthenticationResult>;
  /** Whether the session's user may do this, and what the agent shall add to the request. */
  authorize(request: AuthorizationRequest): Promise<AuthorizationResult>;
  /** Whether a ticket still counts for a resource. Counts as use of the session. */
  validateSession(ticket: string, resource: ResourceQuery): Promise<SessionResult>;
  /** Ends a ticket's session; a ticket that opens none is ignored. */
  logOut(ticket: string): Promise<void>;
  close(): Promise<void>;
}

/** Something that an agent must be configured with: a key of its own that signs, or the ring that seals tickets for it. */
export interface AgentNeed {
  readonly what: "signing-key" | "ticket-keys";
  /** Path of the policy server's option that needs it. */
  readonly option: string;
}

/** What is asked about. */
export interface ResourceQuery {
  /** Name of the agent that asks. */
  readonly agent: string;
  /** Path of the URL in its one plain form: no query, no empty or dot segments, nothing encoded that need not be. */
  readonly path: string;
  readonly method: string;
  /** The SOAP operation, `{namespace}name` of the Body's first element; undefined where the message is none, or not read yet. */
  readonly operation?: string | undefined;
}

/** Whether and how a resource is protected. */
export type ResourceProtection =
  /** Nobody need authenticate for it. */
  | { readonly kind: "open"; readonly reserved: ReservedNames }
  /** No realm has it: nobody may use it. */
  | { readonly kind: "unknown" }
  | ProtectedResource;

/** A resource of a realm. */
export interface ProtectedResource {
  readonly kind: "protected";
  readonly realm: string;
  /** How credentials must be shown: one of these ways. */
  readonly schemes: readonly SchemeRequirement[];
  /** Protection level: a session of a lower level does not count here. */
  readonly level: number;
  /** Content variables that the realm's policies use: the agent resolves them. */
  readonly variables: readonly VariableRequest[];
  /** Whether a policy of the realm may answer with something that only a SOAP message can carry. */
  readonly soapOnly: boolean;
  readonly reserved: ReservedNames;
}

/**
 * Every header and cookie that some policy of the server may set. Whoever sends one is not believed: an agent takes it off
 * every request.
 */
export interface ReservedNames {
  readonly headers: readonly string[];
  readonly cookies: readonly string[];
  /** Actors of Security headers; undefined stands for the header without one. */
  readonly actors: readonly (string | undefined)[];
}

/** What an agent hands over to have a caller authenticated. */
export interface AuthenticationRequest {
  readonly resource: ResourceQuery;
  readonly realm: string;
  /** The scheme by which the credentials were shown. */
  readonly scheme: SchemeRequirement["kind"];
  readonly credentials: Credentials;
  /** The session that the caller had until now, where it had one: it ends, whatever comes of this (no fixation). */
  readonly ticket?: string | undefined;
}

/** What came of an authentication. */
export type AuthenticationResult =
  | {
      readonly outcome: "authenticated";
      readonly session: SessionInfo;
      /** The session's ticket: opaque, sealed by the policy server. */
      readonly ticket: string;
      readonly subject: AuthenticatedSubject;
    }
  | { readonly outcome: "refused"; readonly reason: string };

/** Who authenticated. */
export interface AuthenticatedSubject {
  /** The user's name in the directory. */
  readonly name: string;
  readonly directory: string;
  /** Protection level of the session. */
  readonly level: number;
  /** The certificate that the user proved to hold, DER. Known to the agent that saw it, and to no other. */
  readonly certificate?: Uint8Array | undefined;
  /** The public key that the user proved to hold, SubjectPublicKeyInfo in DER. */
  readonly publicKey?: Uint8Array | undefined;
}

/** What an agent hands over to have a request authorised. */
export interface AuthorizationRequest {
  readonly resource: ResourceQuery;
  readonly realm: string;
  readonly ticket: string;
  /** Values of the variables that the realm asked for. One that could not be resolved is absent. */
  readonly variables: Variables;
}

/** Values of content variables by name. */
export type Variables = Readonly<Record<string, string | number | boolean>>;

/** What came of an authorisation. */
export type AuthorizationResult =
  | {
      readonly outcome: "permitted";
      /** Name of the policy that permits it. */
      readonly policy: string;
      /** Response data of that policy. */
      readonly responses: readonly ResponseAttribute[];
    }
  | { readonly outcome: "denied"; readonly reason: string };

/** What a policy server says about a ticket. */
export type SessionResult =
  | {
      readonly outcome: "valid";
      readonly session: SessionInfo;
      /** The ticket to go on with. */
      readonly ticket: string;
      readonly subject: AuthenticatedSubject;
    }
  | {
      readonly outcome: "refused";
      /** `invalid`: no ticket of this policy server; `level`: it counts, but not for this resource. */
      readonly why: "invalid" | "expired" | "revoked" | "level";
      readonly reason: string;
    };

/**
 * A content variable: something of the request that a policy depends on. `as` says how its text is read; what cannot be
 * read so, or is longer than 1 KiB, is left out. Default `"string"`.
 */
export type VariableRequest = {
  readonly name: string;
  readonly as?: "string" | "number" | "boolean" | "date" | undefined;
} & (
  | {
      /** A location path in the document element, of a SOAP message in its Body; in its Header; or in the SAML assertion. */
      readonly of: "body" | "header";
      readonly path: string;
      readonly namespaces?: Readonly<Record<string, string>> | undefined;
    }
  /** A received HTTP header. */
  | { readonly of: "transport"; readonly header: string }
  /** A fact about the agent's server. */
  | { readonly of: "agent"; readonly fact: string }
);
