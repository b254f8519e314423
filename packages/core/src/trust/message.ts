import type { Certificate, KeyObject } from "../crypto/index.js";
import type { KeyType } from "./vocabulary.js";

/** A span that a requestor asks for or an issuer grants; milliseconds since 1970. */
export interface RequestedLifetime {
  readonly created?: number | undefined;
  readonly expires?: number | undefined;
}

/** One claim that the requestor wants in the token. */
export interface RequestedClaim {
  /** The claim's type: its URI. */
  readonly type: string;
  /** Whether the token may be issued without it. Default false. */
  readonly optional?: boolean | undefined;
  /** Values of which one is wanted; absent: any value. */
  readonly values?: readonly string[] | undefined;
}

/** A key that the issued token shall name (WS-Trust 1.4 section 9.2). Whether the requestor holds it is not said here. */
export interface UseKey {
  /** The key's certificate, where one was sent. */
  readonly certificate?: Certificate | undefined;
  readonly publicKey: KeyObject;
  /** Id of the ds:Signature in the same message that proves possession. */
  readonly signatureId?: string | undefined;
}

/** A wst:RequestSecurityToken as read or to be written. Reading it grants nothing. */
export interface RequestSecurityToken {
  /** Chosen by the requestor, echoed by the issuer. */
  readonly context?: string | undefined;
  /** The operation's URI. */
  readonly requestType: string;
  /** URI of the kind of token. */
  readonly tokenType?: string | undefined;
  /** Address of the relying party: the wsa:Address in wsp:AppliesTo. */
  readonly appliesTo?: string | undefined;
  readonly keyType?: KeyType | undefined;
  /** In bits. */
  readonly keySize?: number | undefined;
  readonly lifetime?: RequestedLifetime | undefined;
  readonly claims?: readonly RequestedClaim[] | undefined;
  readonly useKey?: UseKey | undefined;
  /** Whether wst:Renewing was sent, and what it asks for. */
  readonly renewing?: { readonly allow: boolean; readonly afterExpiry: boolean } | undefined;
}

/** A wst:RequestSecurityTokenResponse as read or to be written: an issued token and what the requestor needs to use it. */
export interface RequestSecurityTokenResponse {
  readonly context?: string | undefined;
  readonly tokenType?: string | undefined;
  readonly keyType?: KeyType | undefined;
  readonly appliesTo?: string | undefined;
  readonly lifetime?: RequestedLifetime | undefined;
  /** The token as XML text that stands alone: every namespace it uses is declared in it. */
  readonly requestedSecurityToken: string;
  /** A wsse:SecurityTokenReference to use where the token is in the same message. */
  readonly attachedReference?: string | undefined;
  /** The same where the token is elsewhere. */
  readonly unattachedReference?: string | undefined;
  /** Whether the token can be renewed; undefined where the issuer did not say. */
  readonly renewing?: { readonly allow: boolean } | undefined;
}
