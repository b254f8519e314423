import type { Attributes } from "./credentials.js";

/**
 * Where a value in a response comes from. A policy names sources; the policy server puts the values in their place, and
 * only values reach an agent.
 */
export type ValueSource =
  /** This text. */
  | string
  /** An attribute of the user; all its values where the place takes several, else the first. */
  | { readonly attribute: string }
  /** A content variable of the policy, as text. */
  | { readonly variable: string }
  /** The user's name in the directory. */
  | { readonly user: true }
  /** Computed by the policy server for each decision: in process only. Undefined leaves the value out. */
  | { readonly compute: (context: ValueContext) => string | undefined | Promise<string | undefined> };

/** What a computed value may depend on. */
export interface ValueContext {
  readonly user: string;
  readonly attributes: Attributes;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
}

/** A response as a policy binds it: its values are sources. */
export type ResponseRule = ResponseOf<ValueSource>;

/**
 * A response as a policy server sends it to an agent: its values are text. It is response data: it never reaches a handler,
 * a reply or a log.
 */
export type ResponseAttribute = ResponseOf<string>;

/** The kinds of responses; `Value` is a source in a policy, text at the agent. */
export type ResponseOf<Value> =
  | WsSecurityResponse<Value>
  | SessionTicketResponse<Value>
  | HeaderResponse<Value>
  | CookieResponse<Value>;

/** Makes the agent add a WS-Security header to the message that it forwards. */
export interface WsSecurityResponse<Value> {
  readonly kind: "ws-security";
  readonly token: "password" | "password-digest" | "x509" | "saml11" | "saml2";
  /**
   * The user's password, for both kinds of passwords. Default: the clear-text password by which the caller authenticated
   * with this very request; where it did not, nothing is forwarded.
   */
  readonly password?: Value | undefined;
  /** Actor or role of the header. Default: none. */
  readonly actor?: string | undefined;
  /** Whether the header has a Timestamp. Default true. */
  readonly timestamp?: boolean | undefined;
  /** Life of Timestamp and token. Default 300. */
  readonly expirySeconds?: number | undefined;
  /** What the agent's key signs. Default `"body-timestamp"` for X.509, and for SAML what `confirm` needs. */
  readonly signature?: "all" | "body-timestamp" | "body" | "headers" | undefined;
  /** URI of the signature algorithm. Default: the suite's for the agent's key. */
  readonly algorithm?: string | undefined;
  /** SAML: how its user will prove that it is theirs. Default `"holder-of-key"`. */
  readonly confirm?: "holder-of-key" | "sender-vouches" | "bearer" | undefined;
  /** SAML: the subject's key, for holder-of-key. Default `{ from: "credential" }`. */
  readonly key?: SubjectKey<Value> | undefined;
  /** SAML: the audience; mandatory for SAML 2.0. */
  readonly audience?: string | undefined;
  /** SAML: the affiliate by whose settings the assertion is made. Response data. */
  readonly affiliate?: string | undefined;
  /** SAML: attribute name to values. */
  readonly attributes?: Readonly<Record<string, readonly Value[]>> | undefined;
  /** What is encrypted, and for whom: the certificate, PEM or base64 of DER. Default: nothing. */
  readonly encrypt?:
    | {
        readonly certificate: Value;
        readonly elements: readonly ("assertion" | "body")[];
        /** Default `"sign-then-encrypt"`. */
        readonly order?: "sign-then-encrypt" | "encrypt-then-sign" | undefined;
        /** URI of the content cipher. Default: AES-256-GCM. */
        readonly algorithm?: string | undefined;
      }
    | undefined;
  /** Marks the header mustUnderstand. Default true. */
  readonly mustUnderstand?: boolean | undefined;
  /** Removes the Security header for this actor that came in, instead of refusing two of them. Default true. */
  readonly remove?: boolean | undefined;
}

/** Where the public key of a subject comes from. */
export type SubjectKey<Value> =
  /** The certificate or key that the caller proved to hold when it authenticated. */
  | { readonly from: "credential" }
  /** A key that stands in the document: its location path in the document element or Body; base64 or PEM. */
  | { readonly from: "document"; readonly path: string; readonly namespaces?: Readonly<Record<string, string>> }
  /** A certificate or public key of the user directory, PEM or base64 of DER. */
  | { readonly from: "user"; readonly value: Value }
  /** None. */
  | { readonly from: "none" };

/** Makes the agent build a SAML session ticket assertion. */
export interface SessionTicketResponse<Value> {
  readonly kind: "saml-session-ticket";
  /** Where it goes. Default `"envelope"`: a SOAP header block. */
  readonly in?: "envelope" | "header" | "cookie" | undefined;
  /** The consumer's public key. Default `{ from: "credential" }`. */
  readonly key?: SubjectKey<Value> | undefined;
  /** Whether the agent's key signs the assertion. Default false: it is sealed under the agent's key ring. */
  readonly sign?: boolean | undefined;
  /** Hides the public key as well. Default false. */
  readonly encryptKey?: boolean | undefined;
  /** The services that may take it: their audience. Default: every service under the key ring. */
  readonly audience?: string | undefined;
  /** Life of the assertion, never beyond the session's. Default 300. */
  readonly expirySeconds?: number | undefined;
  /** Demands that the caller authenticated on this request: a session alone gives no assertion. Default false. */
  readonly forceLogon?: boolean | undefined;
}

/** A header of the request as the handler sees it. */
export interface HeaderResponse<Value> {
  readonly kind: "header";
  readonly name: string;
  readonly value: Value;
}

/** A cookie: set for the caller, and in the request as the handler sees it. */
export interface CookieResponse<Value> {
  readonly kind: "cookie";
  readonly name: string;
  readonly value: Value;
}
