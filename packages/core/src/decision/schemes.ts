import type {
  BasicScheme,
  BearerScheme,
  CertificateScheme,
  DocumentField,
  SessionTicketScheme,
  WsSecurityScheme,
  XmlDocumentScheme,
  XmlSignatureScheme,
} from "../identity/index.js";

/** Options of {@link xmlDocumentCredentials}. */
export interface XmlDocumentCredentialsOptions {
  /** Location path of the user's name, or where it stands otherwise. */
  readonly user: string | DocumentField;
  /** Location path of the password, or where it stands otherwise. */
  readonly password: string | DocumentField;
  /** Where paths given as text start: in the document (of a SOAP message: in its Body), or in the SOAP Header. Default `"body"`. */
  readonly from?: "body" | "header" | undefined;
  /** Prefix to namespace, for paths given as text. */
  readonly namespaces?: Readonly<Record<string, string>> | undefined;
  /** Whether the document must come over TLS. Default true: its password is readable on the way otherwise. */
  readonly secureTransport?: boolean | undefined;
}

/** Takes name and password from the document itself, SOAP or plain XML. */
export function xmlDocumentCredentials(options: XmlDocumentCredentialsOptions): XmlDocumentScheme {
  const { from = "body", namespaces, secureTransport = true } = options;
  const field = (given: string | DocumentField): DocumentField =>
    typeof given === "string" ? { in: from, path: given, namespaces } : given;
  return { kind: "xml-document", user: field(options.user), password: field(options.password), secureTransport };
}

/** Takes a document that is signed with an X.509 certificate, enveloped or enveloping; the directory says whose that is. */
export const xmlSignature = (): XmlSignatureScheme => ({ kind: "xml-signature" });

/** Takes one kind of token in a WS-Security header. */
export const wsSecurity = (options: Omit<WsSecurityScheme, "kind">): WsSecurityScheme => ({
  kind: "ws-security",
  ...options,
});

/** Takes a SAML session ticket assertion that an agent under the same keys made. */
export const sessionTicket = (
  options: {
    /** Whether the document must be signed with the key of the assertion. Default true. */ readonly signature?: boolean;
  } = {},
): SessionTicketScheme => ({ kind: "session-ticket", signature: options.signature ?? true });

/** Takes HTTP Basic (RFC 7617) over TLS. */
export const httpBasic = (): BasicScheme => ({ kind: "basic" });

/**
 * Takes the client certificate of TLS; the directory says whose it is. Its path and its revocation are for the TLS server to
 * check (`ca`, `crl`, `requestCert` of `node:https`, or the proxy's): `trust` of the guard does not look at it.
 */
export const clientCertificate = (): CertificateScheme => ({ kind: "certificate" });

/** Takes a JWT of the issuers that the agent trusts; the directory says whose it is. */
export const bearerToken = (): BearerScheme => ({ kind: "bearer" });
