/** Who a verified message speaks for. */
export interface Principal {
  /** The subject's name as the issuer wrote it: user name, NameID, NameIdentifier, certificate subject (RFC 4514) or JWT `sub`. */
  readonly name: string;
  /** Which kind of token named the subject. */
  readonly kind: TokenKind;
  /** Format or qualifier of the name where the token has one (Format of a SAML NameID or NameIdentifier, for example). */
  readonly format?: string | undefined;
}

/**
 * The token kinds of this release. A `context` names nobody: its principal is of the kind that established it. A `session` is
 * that of a policy server.
 */
export type TokenKind = "username" | "x509" | "saml2" | "saml11" | "jwt" | "context" | "session";
