/**
 * How a realm wants credentials to be shown: what a policy server tells an agent about it. Plain data, so that it can be
 * told over a wire. What the agent needs besides (whom it trusts, its keys) is configuration of the agent.
 */
export type SchemeRequirement =
  | XmlDocumentScheme
  | XmlSignatureScheme
  | WsSecurityScheme
  | SessionTicketScheme
  | BasicScheme
  | CertificateScheme
  | BearerScheme;

/** Credentials stand in an XML document, SOAP or not (XML document credential collector). */
export interface XmlDocumentScheme {
  readonly kind: "xml-document";
  /** Location path of the element or attribute that holds the user's name. */
  readonly user: DocumentField;
  /** Location path of the password. */
  readonly password: DocumentField;
  /** Whether the document must come over TLS. Passwords in clear text travel in it. */
  readonly secureTransport: boolean;
}

/** Where a value stands in a document. */
export interface DocumentField {
  /** `"body"`: in the document element, of a SOAP message in its Body; `"header"`: in the SOAP Header. */
  readonly in: "body" | "header";
  /** A location path: child and attribute steps with namespace prefixes and positions, such as `/po:Order/po:User[1]`. */
  readonly path: string;
  /** Prefix to namespace, for the path. */
  readonly namespaces?: Readonly<Record<string, string>> | undefined;
}

/** An enveloped or enveloping XML signature with its certificate in KeyInfo. */
export interface XmlSignatureScheme {
  readonly kind: "xml-signature";
}

/** One kind of token in a WS-Security header. */
export interface WsSecurityScheme {
  readonly kind: "ws-security";
  readonly token: "password" | "password-digest" | "x509" | "saml11" | "saml2";
  /** SAML: the audience that assertions must name. */
  readonly audience?: string | undefined;
  /** SAML: how the sender proves that the assertion is theirs. */
  readonly confirm?: "bearer" | "holder-of-key" | "sender-vouches" | undefined;
  /** Parts that the signature must cover, for tokens that sign. */
  readonly signed?: readonly ("body" | "timestamp" | "addressing")[] | undefined;
  /** `"transport"`: TLS protects what no signature covers. Always so for passwords. */
  readonly over?: "transport" | undefined;
  /** Oldest Created of a digest, and oldest IssueInstant of an assertion. */
  readonly maxAgeSeconds?: number | undefined;
}

/** A SAML session ticket assertion, in whichever of the three places. */
export interface SessionTicketScheme {
  readonly kind: "session-ticket";
  /** Whether the document must be signed with the key that the assertion names. */
  readonly signature: boolean;
}

/** HTTP Basic (RFC 7617), over TLS only. */
export interface BasicScheme {
  readonly kind: "basic";
}

/** The client certificate of TLS. */
export interface CertificateScheme {
  readonly kind: "certificate";
}

/** A JWT as `Authorization: Bearer`. Which issuers count is configuration of the agent. */
export interface BearerScheme {
  readonly kind: "bearer";
}
