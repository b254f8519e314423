/**
 * The one table of everything Countersign can refuse: error code to family, HTTP status, SOAP code and OAuth word.
 * HTTP statuses are those of routes without SOAP; SOAP answers take theirs from the fault (SOAP 1.1: 500; 1.2 Sender: 400).
 */

/** The family of an error: which part of an exchange it belongs to. */
export type ErrorFamily =
  | "configuration"
  | "exchange"
  | "message"
  | "wss"
  | "token"
  | "policy"
  | "trust"
  | "upstream"
  | "session"
  | "internal";

/**
 * The internal verdicts of WS-Security 1.1 section 12, and that of WS-SecureConversation 1.4 section 9 for a context that
 * does not live. Audit only: the wire carries one neutral fault, but for that last one, which peers must be told.
 */
export type WssVerdict =
  | "FailedCheck"
  | "FailedAuthentication"
  | "InvalidSecurity"
  | "InvalidSecurityToken"
  | "UnsupportedSecurityToken"
  | "UnsupportedAlgorithm"
  | "SecurityTokenUnavailable"
  | "MessageExpired"
  | "BadContextToken";

/** One row of the error table. */
export interface ErrorRow {
  readonly family: ErrorFamily;
  /** HTTP status on routes without SOAP. */
  readonly status: number;
  /** Whose fault a SOAP answer names: `Sender` (SOAP 1.1 `Client`) or `Receiver` (`Server`), or a SOAP code of its own. */
  readonly soap: "Sender" | "Receiver" | "VersionMismatch" | "MustUnderstand";
  /** The WS-Security verdict that the audit record carries. */
  readonly verdict?: WssVerdict;
  /** The `wst:` fault code, given only to an authenticated requestor (WS-Trust 1.4 section 11). */
  readonly trust?: string;
  /** The word of RFC 6750 / RFC 6749. */
  readonly oauth: string;
  /** A sentence that may be published. */
  readonly sentence: string;
}

const row = (
  family: ErrorFamily,
  status: number,
  soap: ErrorRow["soap"],
  oauth: string,
  sentence: string,
  more: Pick<ErrorRow, "verdict" | "trust"> = {},
): ErrorRow => Object.freeze({ family, status, soap, oauth, sentence, ...more });

const wss = (verdict: WssVerdict, sentence: string) =>
  row("wss", 401, "Sender", "invalid_token", sentence, { verdict });
const token = (verdict: WssVerdict, sentence: string) =>
  row("token", 401, "Sender", "invalid_token", sentence, { verdict });
const trust = (status: number, code: string, sentence: string) =>
  row("trust", status, "Sender", "invalid_request", sentence, { trust: code });

/** Every code, frozen. Adding a code here is the only way to add one. */
export const errorTable = Object.freeze({
  ERR_CONFIG_INVALID: row("configuration", 500, "Receiver", "server_error", "The configuration is not valid."),
  ERR_CONFIG_INSECURE: row("configuration", 500, "Receiver", "server_error", "The configuration is not secure."),

  ERR_HTTP_BODY_CONSUMED: row(
    "exchange",
    500,
    "Receiver",
    "server_error",
    "The request body was read before the guard.",
  ),
  ERR_HTTP_TOO_LARGE: row("exchange", 413, "Sender", "invalid_request", "The request is too large."),
  ERR_HTTP_MEDIA_TYPE: row("exchange", 415, "Sender", "invalid_request", "The media type is not supported."),
  ERR_HTTP_METHOD: row("exchange", 405, "Sender", "invalid_request", "The method is not allowed."),
  ERR_HTTP_HEADERS: row("exchange", 400, "Sender", "invalid_request", "The request headers are not valid."),
  ERR_HTTP_ABORTED: row("exchange", 400, "Sender", "invalid_request", "The request was aborted."),

  ERR_XML_MALFORMED: row("message", 400, "Sender", "invalid_request", "The message is not well-formed."),
  ERR_XML_FORBIDDEN: row("message", 400, "Sender", "invalid_request", "The message uses a forbidden construct."),
  ERR_XML_LIMIT: row("message", 400, "Sender", "invalid_request", "The message exceeds a limit."),
  ERR_MIME_INVALID: row("message", 400, "Sender", "invalid_request", "The multipart message is not valid."),
  ERR_SOAP_INVALID: row("message", 400, "Sender", "invalid_request", "The message is not a SOAP envelope."),
  ERR_SOAP_VERSION: row("message", 400, "VersionMismatch", "invalid_request", "The SOAP version is not supported."),
  ERR_SOAP_MUST_UNDERSTAND: row(
    "message",
    400,
    "MustUnderstand",
    "invalid_request",
    "A mandatory header is not understood.",
  ),

  ERR_WSS_UNSUPPORTED_TOKEN: wss("UnsupportedSecurityToken", "An unsupported token was provided."),
  ERR_WSS_UNSUPPORTED_ALGORITHM: wss(
    "UnsupportedAlgorithm",
    "An unsupported signature or encryption algorithm was used.",
  ),
  ERR_WSS_INVALID_SECURITY: wss("InvalidSecurity", "An error was discovered processing the Security header."),
  ERR_WSS_INVALID_TOKEN: wss("InvalidSecurityToken", "An invalid security token was provided."),
  ERR_WSS_FAILED_AUTHENTICATION: wss(
    "FailedAuthentication",
    "The security token could not be authenticated or authorized.",
  ),
  ERR_WSS_FAILED_CHECK: wss("FailedCheck", "The signature or decryption was invalid."),
  // One code for every way in which decryption fails, and the sentence of a failed signature: nobody learns more.
  ERR_WSS_DECRYPTION_FAILED: wss("FailedCheck", "The signature or decryption was invalid."),
  ERR_WSS_TOKEN_UNAVAILABLE: wss("SecurityTokenUnavailable", "The referenced security token could not be retrieved."),
  ERR_WSS_MESSAGE_EXPIRED: wss("MessageExpired", "The message has expired."),

  ERR_CONTEXT_INVALID: wss("BadContextToken", "The requested context elements are insufficient or unsupported."),

  ERR_TOKEN_MISSING: token("InvalidSecurity", "No token was provided."),
  ERR_TOKEN_MALFORMED: token("InvalidSecurityToken", "The token is malformed."),
  ERR_TOKEN_EXPIRED: token("MessageExpired", "The token has expired."),
  ERR_TOKEN_NOT_YET_VALID: token("MessageExpired", "The token is not valid yet."),
  ERR_TOKEN_ISSUER: token("InvalidSecurityToken", "The token's issuer is not trusted."),
  ERR_TOKEN_AUDIENCE: token("InvalidSecurityToken", "The token is for another audience."),
  ERR_TOKEN_SIGNATURE: token("InvalidSecurityToken", "The token's signature is not valid."),
  ERR_TOKEN_PROOF: token("FailedCheck", "The token's proof of possession is missing or wrong."),
  ERR_TOKEN_REPLAYED: token("InvalidSecurity", "The token or message was seen before."),
  ERR_TOKEN_REVOKED: token("InvalidSecurityToken", "The token was revoked."),

  ERR_POLICY_PART_UNPROTECTED: row("policy", 401, "Sender", "invalid_token", "A required part is not protected.", {
    verdict: "FailedCheck",
  }),
  ERR_POLICY_TOKEN_REQUIRED: row("policy", 401, "Sender", "invalid_token", "A required token is missing.", {
    verdict: "InvalidSecurity",
  }),
  ERR_POLICY_SUITE: row("policy", 401, "Sender", "invalid_token", "An algorithm outside the route's suite was used.", {
    verdict: "UnsupportedAlgorithm",
  }),
  ERR_POLICY_CLAIM: row("policy", 403, "Sender", "insufficient_scope", "A required claim is missing.", {
    verdict: "FailedAuthentication",
  }),
  ERR_POLICY_DENIED: row("policy", 403, "Sender", "insufficient_scope", "Access is denied.", {
    verdict: "FailedAuthentication",
  }),

  ERR_TRUST_INVALID_REQUEST: trust(400, "InvalidRequest", "The request was invalid or malformed."),
  ERR_TRUST_FAILED_AUTHENTICATION: trust(401, "FailedAuthentication", "Authentication failed."),
  ERR_TRUST_REQUEST_FAILED: trust(400, "RequestFailed", "The specified request failed."),
  ERR_TRUST_INVALID_SECURITY_TOKEN: trust(400, "InvalidSecurityToken", "The security token has been revoked."),
  ERR_TRUST_AUTHENTICATION_BAD_ELEMENTS: trust(401, "AuthenticationBadElements", "Insufficient digest elements."),
  ERR_TRUST_BAD_REQUEST: trust(400, "BadRequest", "The specified RequestSecurityToken is not understood."),
  ERR_TRUST_EXPIRED_DATA: trust(400, "ExpiredData", "The request data is out of date."),
  ERR_TRUST_INVALID_TIME_RANGE: trust(400, "InvalidTimeRange", "The requested time range is invalid or unsupported."),
  ERR_TRUST_INVALID_SCOPE: trust(400, "InvalidScope", "The request scope is invalid or unsupported."),
  ERR_TRUST_RENEW_NEEDED: trust(400, "RenewNeeded", "A renewable security token has expired."),
  ERR_TRUST_UNABLE_TO_RENEW: trust(400, "UnableToRenew", "The requested renewal failed."),
  ERR_TRUST_DELEGATION_DENIED: trust(403, "RequestFailed", "The specified request failed."),

  ERR_STS_UNREACHABLE: row(
    "upstream",
    503,
    "Receiver",
    "temporarily_unavailable",
    "The security token service cannot be reached.",
  ),
  ERR_STS_FAULT: row("upstream", 502, "Receiver", "temporarily_unavailable", "The security token service refused."),
  ERR_STS_RESPONSE_INVALID: row(
    "upstream",
    502,
    "Receiver",
    "temporarily_unavailable",
    "The security token service's answer is not valid.",
  ),
  ERR_SERVICE_FAULT: row("upstream", 502, "Receiver", "temporarily_unavailable", "The service answered with a fault."),
  ERR_SERVICE_RESPONSE_INVALID: row(
    "upstream",
    502,
    "Receiver",
    "temporarily_unavailable",
    "The service's reply is not valid.",
  ),
  ERR_UNAVAILABLE: row(
    "upstream",
    503,
    "Receiver",
    "temporarily_unavailable",
    "A service this one depends on is not available.",
  ),

  ERR_SESSION_INVALID: row("session", 401, "Sender", "invalid_token", "The session is not valid.", {
    verdict: "InvalidSecurityToken",
  }),
  ERR_SESSION_EXPIRED: row("session", 401, "Sender", "invalid_token", "The session has expired.", {
    verdict: "MessageExpired",
  }),
  ERR_SESSION_REVOKED: row("session", 401, "Sender", "invalid_token", "The session was revoked.", {
    verdict: "InvalidSecurityToken",
  }),

  ERR_INTERNAL: row("internal", 500, "Receiver", "server_error", "An internal error occurred."),
  // The audit record says which response lacks what; the wire, that it is no fault of the caller.
  ERR_RESPONSE_DATA: row("internal", 500, "Receiver", "server_error", "An internal error occurred."),
} satisfies Record<string, ErrorRow>);

/** Every error code of Countersign. */
export type ErrorCode = keyof typeof errorTable;
