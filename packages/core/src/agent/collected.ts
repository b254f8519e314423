import type {
  ClaimSet,
  Credentials,
  Principal,
  Proof,
  ReplayEntry,
  RevocationFinding,
  SchemeRequirement,
  TokenKind,
} from "../identity/index.js";
import type { Protection, VerifiedMessage } from "../wss/index.js";
import type { RequestDocument } from "./request-document.js";

/** Credentials that a request presented, as far as an agent can check them. */
export interface Collected {
  readonly scheme: SchemeRequirement["kind"];
  readonly credentials: Credentials;
  readonly token: CollectedToken;
  readonly proof: Proof;
  /** What must be reserved before the handler runs. */
  readonly replay: readonly ReplayEntry[];
  /** The message as far as it is protected; undefined where the credentials protect none. */
  readonly message?: ProtectedMessage | undefined;
}

/** What audit and handlers are told of the token that the credentials came in. */
export interface CollectedToken {
  readonly kind: TokenKind;
  readonly principal: Principal;
  readonly claims: ClaimSet;
  readonly issuer: string;
  readonly id?: string | undefined;
  readonly expires?: number | undefined;
  /** SHA-256, hex, of the token without what is secret in it. */
  readonly digest: string;
  readonly revocation?: RevocationFinding | undefined;
}

/** A message of which at least the Body is protected. */
export interface ProtectedMessage {
  readonly verified: VerifiedMessage;
  readonly parts: ReadonlyMap<string, Protection>;
  readonly encrypted?: ReadonlySet<string> | undefined;
  readonly contentType: string;
}

/** What collecting depends on: one request. */
export interface Presented {
  readonly document: RequestDocument | undefined;
  /** Whether the connection is TLS, or may count as such. */
  readonly encrypted: boolean;
}
