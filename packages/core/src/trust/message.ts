import type { Certificate, KeyObject } from "../crypto/index.js";
import type { KeyType, TrustVocabulary } from "./vocabulary.js";

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

/** Algorithms that a requestor wishes for, by URI (WS-Trust 1.4 section 9.2). An issuer need not follow them. */
export interface AlgorithmWishes {
  readonly signature?: string | undefined;
  readonly canonicalization?: string | undefined;
  readonly encryption?: string | undefined;
  readonly keyWrap?: string | undefined;
  /** What the requestor will sign with, using the issued key. */
  readonly signWith?: string | undefined;
  readonly encryptWith?: string | undefined;
}

/** A wst:RequestSecurityToken as read or to be written. Reading it grants nothing. */
export interface RequestSecurityToken {
  /** The version of WS-Trust. Default 1.3, which 1.4 shares. */
  readonly vocabulary?: TrustVocabulary | undefined;
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
  /** The requestor's share of a symmetric key, 16 to 64 octets. */
  readonly entropy?: Uint8Array | undefined;
  /** URI of the algorithm that makes a key of both shares. */
  readonly computedKeyAlgorithm?: string | undefined;
  /** Renew, Cancel, Validate: the token that is meant or a reference to it, XML text that stands alone. */
  readonly target?: string | undefined;
  /** The token of the subject that the requestor asks to speak as, XML text that stands alone (section 9.1). */
  readonly onBehalfOf?: string | undefined;
  /** The token of the subject that the requestor asks to act for under its own name, likewise (WS-Trust 1.4 section 9.1). */
  readonly actAs?: string | undefined;
  /** Whether others may pass the token on as it is; undefined where it is not said. */
  readonly forwardable?: boolean | undefined;
  /** Whether others may be issued tokens for its subject; undefined where it is not said. */
  readonly delegatable?: boolean | undefined;
  readonly algorithms?: AlgorithmWishes | undefined;
}

/** How a requestor learns a symmetric key: the key itself, or the issuer's share of it (WS-Trust 1.4 section 4.4.4). */
export type TokenProof =
  | { readonly kind: "key"; readonly key: Uint8Array }
  /** The key is P_SHA1 over the requestor's entropy and this one. */
  | { readonly kind: "computed"; readonly entropy: Uint8Array };

/** What a wst:Status says of a token (section 7). */
export interface TokenStatus {
  readonly valid: boolean;
  readonly reason?: string | undefined;
}

/** A response to be written: to Issue and Renew a token, to Validate a status, perhaps with a token, to Cancel that it is done. */
export interface ResponseContent extends Partial<RequestSecurityTokenResponse> {
  readonly status?: TokenStatus | undefined;
  /** Writes wst:RequestedTokenCancelled. */
  readonly cancelled?: boolean | undefined;
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
  /** Symmetric keys only. */
  readonly proof?: TokenProof | undefined;
  /** Length of a symmetric key in bits. */
  readonly keySize?: number | undefined;
}
