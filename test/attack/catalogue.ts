/*
 * The attacks Countersign must withstand, by id, each with the verdicts that will do. The two-letter verdicts are the
 * internal ones of the audit record; on the wire they are one and the same fault.
 */

/** The internal verdicts of WS-Security 1.1 section 12, in letters. */
export type WssLetters = "FC" | "FA" | "IS" | "IT" | "UT" | "UA" | "TU" | "ME";

/**
 * How a case ended: an internal verdict, the HTTP status of an answer without one, a WS-Trust fault, `accepted` (a
 * genuine message went through), `start refused` (the configuration was), or `holds` (the case asserted a property).
 */
export type AttackVerdict =
  | WssLetters
  | "400"
  | "401"
  | "403"
  | "405"
  | "413"
  | "415"
  | "429"
  | "500"
  | "502"
  | "503"
  | `wst:${string}`
  | "accepted"
  | "start refused"
  | "holds";

/** One row of the catalogue. */
export interface AttackRow {
  readonly title: string;
  /** Any of these will do. */
  readonly expected: readonly AttackVerdict[];
}

const row = (title: string, ...expected: AttackVerdict[]): AttackRow => ({ title, expected });

/** Any of the eight. */
const any: readonly AttackVerdict[] = ["FC", "FA", "IS", "IT", "UT", "UA", "TU", "ME"];
/** Two codes are defensible for these three; the product uses one of them everywhere. */
const replay: readonly AttackVerdict[] = ["IS", "FA"];
const outOfTime: readonly AttackVerdict[] = ["ME", "IT"];
const noProof: readonly AttackVerdict[] = ["FC", "IT"];

/** Every row by its id. */
export const catalogue = {
  // Signature wrapping and coverage.
  A1: row("signed Body moved into a header, evil Body with a new Id", "FC"),
  A2: row("signed Body moved into a header, evil Body with the same Id", "IS"),
  A3: row("signed Body moved into a header, evil Body without an Id", "FC"),
  A4: row("two Bodies, the second one signed", "IS"),
  A5: row("wrapper inside a second Security header for another actor", "IS"),
  A6: row("wrapper inside ds:Object of the same Signature", "FC"),
  A7: row("wrapper inside Timestamp, KeyInfo or SecurityTokenReference", "IS"),
  A8: row("signed envelope nested in the Body of another", "FC"),
  A9: row("signed Timestamp moved away, a fresh unsigned one in its place", "FC"),
  A10: row("signature over the Timestamp alone where the Body is required", "FC"),
  A11: row("signature over the Body but not the required addressing headers", "FC"),
  A12: row("signed header block moved into the Body, and back", "FC"),
  A13: row("the eight SAML wrapping shapes", "IT"),
  A14: row("a second, unsigned assertion before or behind the signed one", "IT"),
  A15: row("signed assertion in the Advice of an unsigned one, and the reverse", "IT"),
  A16: row("ds:Manifest reference outside core validation", "IS"),
  A17: row("reference by an XPath transform", "UA"),
  A18: row("XPath prefix bound anew above the signed node", "UA"),
  A19: row("one valid signature over junk, one invalid over the Body", "FC"),
  A20: row("every signature skipped because nothing resolves", "FC"),
  A21: row("several references, a wrong one not the last", "FC"),
  A22: row("signature taken out", "IS"),
  A23: row("no Security header, an empty one, or one that need not be understood", "IS"),
  A24: row("required part that matches nothing", ...any),
  A25: row("STR-Transform reference in place of a required part", "FC"),
  A26: row("signature placed where it seems to sign what it does not reference", "FC"),
  A27: row("enveloped transform with a second copied Signature", "FC"),
  A28: row("another reader sees another document", ...any),
  A29: row("unsigned include or attachment for signed octets", "FC"),

  // Parsers and canonical forms that differ.
  B1: row("processing instruction hides text in a signed value", "400"),
  B2: row("comment splits a value", "accepted", "IS"),
  B3: row("CDATA section splits a value", "accepted", "IS"),
  B4: row("comment inside DigestValue or SignatureValue", "accepted", "IS"),
  // Not IS: the scan refuses every instruction, as in B1, before there is a header to judge.
  B5: row("processing instruction inside DigestValue", "400"),
  B6: row("SignedInfo, SignatureMethod or DigestValue twice", "IS"),
  // IS where the Reference stands beside SignedInfo: that is no more a ds:Signature than B6's.
  B7: row("Reference outside SignedInfo", "FC", "IS"),
  B8: row("document type declaration of any kind", "400"),
  B9: row("document type declaration read differently by two parsers", "400"),
  B10: row("namespace declared by an attribute default", "400"),
  B11: row("entity in an Id attribute", "400"),
  B12: row("canonical form of no octets", "FC"),
  // Not IS: namespaces are read in the scan, before there is a header to judge.
  B13: row("relative or odd namespace name", "400"),
  B14: row("type name in content whose prefix is bound outside the signed node", "IS"),
  B15: row("content outside the one document element", "400"),
  B16: row("unquoted or duplicate attribute, bare <, open tag", "400"),
  B17: row("unknown entity, forbidden character, lone surrogate", "400"),
  B18: row("one Id value in several Id attributes", "IS"),
  B19: row("carriage returns in signed text and base64", "accepted"),
  B20: row("canonical form that is not on the route's list", "UA"),
  B21: row("PrefixList in odd order, with white space and #default", "accepted"),
  B22: row("plaintext with a document type, a second root or its own signature", "FC"),
  B23: row("EncryptedData type changed between element and content", "FC", "IS"),
  B24: row("XML 1.1, standalone, XInclude", "400", "accepted"),

  // Keys, algorithms, signature primitives.
  C1: row("attacker's certificate in KeyInfo with a perfect signature", "FC"),
  C2: row("certificate cloned with the same names and serial number", "FC"),
  C3: row("HMAC with the public key as its secret", "UA"),
  C4: row("HMACOutputLength", "UA"),
  C5: row("SHA-1, MD5, DSA or unknown signature method", "UA"),
  C6: row("signature method that does not fit the key", "UA"),
  C7: row("weak or enormous RSA key", "IT"),
  C8: row("ECDSA with zeros, or in DER", "FC"),
  C9: row("XSLT transform", "UA"),
  C10: row("base64, filter, decrypt or unknown transform", "UA"),
  C11: row("reference to a URL, a file or nothing", "FC"),
  C12: row("RetrievalMethod chain, KeyInfoReference", "IS"),
  C13: row("token references in a circle", "IS"),
  C14: row("token behind the signature that uses it", "IS", "accepted"),
  C15: row("key identifier of another tenant's certificate", "FC"),
  C16: row("quotes or XPath in a URI or Id", "IS"),
  C17: row("right subject name from any authority in the store", "FA"),
  C18: row("subject names that read alike", "FA"),
  C19: row("certificate out of date, revoked or for another use", "IT"),
  C20: row("leaf certificate that issues another", "IT"),
  C21: row("PKIPath or PKCS7 reversed, padded or endless", "IT"),
  C22: row("malformed DER with an absurd length", "IT"),
  C23: row("MAC or digest of another length", "FC"),
  C24: row("base64 spelt in other ways", "IS"),
  C25: row("many messages at once each get their own verdict", "holds"),

  // Encryption.
  D1: row("RSA 1.5 key transport", "UA"),
  D2: row("padding variations of RSA 1.5: one fault", ...any),
  D3: row("padding variations of CBC: one fault", ...any),
  D4: row("OAEP with a wrong mask, digest or label: one fault", ...any),
  D5: row("GCM tag of four octets", "FC"),
  D6: row("GCM nonce of another length, empty cipher text", "FC"),
  D7: row("EncryptedData unsigned or wrapped", "FC", "IS"),
  D8: row("added EncryptedKey and DataReference beside signed cipher text", "FC", "IS"),
  D9: row("EncryptedData used twice, or ten thousand of them", "IS"),
  D10: row("EncryptedHeader with one child more", "IS"),
  D11: row("CipherReference to a URL", "UA"),
  D12: row("encrypted assertion that is unsigned inside", "IT"),
  D13: row("encrypted before signed, against policy", "IS"),
  D14: row("EncryptedKey with Recipient, Type or MimeType", "IS"),
  D15: row("key wrap that fails its check", "FC"),
  D16: row("key agreement with an invalid point or unknown derivation", "UA"),
  D17: row("encryption to our key offered as proof", "FA", "IS"),
  D18: row("compressed bomb inside EncryptedData", "IS"),
  D19: row("plaintext that is not UTF-8 or not well-formed: one fault", ...any),
  D20: row("decryption waits for the checks before it", "holds"),

  // UsernameToken.
  E1: row("empty UsernameToken", "IS"),
  E2: row("no Password", "FA"),
  E3: row("empty Password where the store says empty", "FA"),
  E4: row("Password without Type", "IS"),
  E5: row("Password of a custom Type", "FA"),
  E6: row("PasswordText without TLS", "IS"),
  E7: row("Password, Nonce or Created twice", "IS"),
  E8: row("digest without Nonce or Created", "FA"),
  E9: row("Nonce with a wrong EncodingType", "IS"),
  E10: row("Nonce replayed in another spelling", ...replay),
  E11: row("fifty copies at once", ...replay),
  E12: row("same token, other Body", ...replay, "FC"),
  E13: row("unknown user against wrong password", "FA"),
  E14: row("iteration count too small or huge, salt missing", "IS"),
  E15: row("user names that read alike or break lines", "FA", "IS"),
  E16: row("locked account", "FA"),
  E17: row("X-WSSE header replayed or not enabled", ...replay, "401"),
  E18: row("digest over the text of the Nonce", "FA"),
  E19: row("user names that are property names of objects", "FA"),

  // X.509 tokens.
  F1: row("BinarySecurityToken without EncodingType or ValueType", "IS"),
  F2: row("BinarySecurityToken in hexadecimal", "IS"),
  F3: row("signed token, message signed by another key", "FC"),
  F4: row("serial number huge or negative", "IT"),
  F5: row("valid certificate of a disabled account", "FA"),
  F6: row("no revocation list where one is required", "IT", "503"),

  // SAML.
  G1: row("unsigned bearer assertion", "IT"),
  G2: row("holder-of-key without proof, or with another key", ...noProof),
  G3: row("holder-of-key without KeyInfo", "IT"),
  G4: row("unsigned holder-of-key assertion with the attacker's key", "IT"),
  // Someone who may not vouch leaves the proof missing, or signs as a stranger.
  G5: row("sender-vouches by someone who is no attester", ...noProof, "start refused"),
  G6: row("unknown confirmation method", "IT"),
  G7: row("no SubjectConfirmation", "IT"),
  G8: row("not yet valid, expired, or dates that are none", ...outOfTime),
  G9: row("dates in another calendar, zone or form", "IT"),
  G10: row("IssueInstant in the future or too old", ...outOfTime),
  G11: row("audience absent, other, or in the second restriction", "IT"),
  G12: row("one-time assertion replayed", ...replay),
  G13: row("Recipient, Address or InResponseTo that does not fit", "IT"),
  G14: row("wrong issuer, or the key of another", "IT"),
  G15: row("encrypted assertion with its conditions skipped", "IT"),
  G16: row("attribute twice, with children, nil or nested", "accepted", "IT"),
  // 400 for an instruction in it, as in B1.
  G17: row("empty or interrupted NameID", "IT", "400"),
  G18: row("versions of SAML mixed", "UT"),
  G19: row("session over, or statement missing where required", ...outOfTime),
  G20: row("assertion signature over something else than itself", "IT"),
  G21: row("delegation or proxy restriction broken", "IT"),
  G22: row("signed metadata or logout as a login", "IT"),
  G23: row("assertion swapped in from another signed response", "IT"),
  G24: row("metadata key that would switch validation off", "start refused"),
  G25: row("parameter name spelt by percent signs", "holds"),

  // Kerberos.
  H1: row("AP-REQ replayed", ...replay),
  H2: row("ticket for another service", "FA"),
  H3: row("expired ticket, clocks apart", ...outOfTime),
  H4: row("wrong ValueType, raw against wrapped", "IT"),
  H5: row("later message that does not refer by key identifier", "IT"),
  H6: row("a megabyte of broken DER", "IT"),
  H7: row("key derived from the wrong sub-key", "FC"),
  H8: row("no KDC or keytab", "503"),

  // Freshness and replay.
  I1: row("no Timestamp where one is required", "IS"),
  I2: row("Created a second beyond the allowed future", "ME"),
  I3: row("exactly at both edges", "accepted", "ME"),
  I4: row("Expires missing where required", "IS"),
  I5: row("Expires in ten years", "ME"),
  I6: row("other calendar, more than nine fraction digits", "IS"),
  I7: row("same octets again", ...replay),
  I8: row("same message in other octets", ...replay),
  I9: row("same message at a second node", ...replay),
  I10: row("same message after the store restarted", ...replay, "503"),
  I11: row("same message after its nonce was forgotten", ...replay),
  I12: row("replay store configured but not wired", "start refused"),
  I13: row("nonce used up by a message that failed", "accepted"),
  I14: row("no false hit, no hit across tenants", "holds"),
  I15: row("a million fresh nonces", "503"),
  I16: row("store that evicts silently", "start refused"),
  I17: row("clock of one node stepped back", ...replay),
  I18: row("leap second", "IS"),

  // Token service: client and broker.
  J1: row("response for another context or requester", "502"),
  J2: row("response unsigned and not from the configured service", "502"),
  J3: row("issued token for another audience", "502"),
  J4: row("cache key without the delegated subject", "holds"),
  J5: row("short cache key", "holds"),
  J6: row("cache hit in place of a signature check", "FC"),
  J7: row("state shared between validations", "holds"),
  J8: row("validation answer that says invalid", "IT"),
  J9: row("status in the other namespace", "IT", "502"),
  J10: row("cached token at the end of its life", "holds"),
  J11: row("renewal not allowed, too late or without proof", "wst:UnableToRenew"),
  J12: row("use after cancel, cancel by another", "IT", "wst:RequestFailed"),
  J13: row("on behalf of a holder-of-key token or an untrusted realm", "wst:InvalidSecurityToken"),
  J14: row("lifetime of a century, inverted or in the future", "holds", "wst:InvalidTimeRange"),
  J15: row("target missing, unknown, or an internal address", "wst:InvalidScope"),
  J16: row("key size or entropy out of range", "wst:BadRequest"),
  J17: row("use of a key without its proof", "wst:FailedAuthentication"),
  J18: row("markup in a claim value", "holds"),
  J19: row("section end, instruction or document type in a value", "holds", "wst:InvalidRequest"),
  J20: row("reply address of an internal host", "holds"),
  // IS for a collection: it is not the Body of the action that it is sent with, as in L18.
  J21: row("ten thousand requests in one", "wst:BadRequest", "IS", "413"),
  J22: row("secondary parameters that contradict", "wst:InvalidRequest"),
  J23: row("imports that would make us fetch", "holds"),
  J24: row("signing certificate changed in mid-flight", "accepted"),
  J25: row("one key id in two tenants", "start refused", "holds"),

  // Denial of service.
  K1: row("many right digests under a garbage signature", "IS", "FC"),
  K2: row("one reference among ten thousand elements", "FC"),
  K3: row("two hundred references to one big node", "IS"),
  K4: row("five hundred transforms", "IS"),
  K5: row("depth of a hundred thousand", "400"),
  K6: row("deep Body with a small stack", "400"),
  K7: row("many attributes, or one twice", "400"),
  K8: row("nested namespace declarations", "400"),
  K9: row("elements and comments over the limit, and within", "400", "accepted"),
  K10: row("enormous names and values", "400"),
  K11: row("entity bombs and external entities", "400"),
  K12: row("twenty thousand times <", "400"),
  K13: row("open instruction, white space in an end tag", "400"),
  K14: row("enormous tokens, cipher text or certificate lists", "413", "IS"),
  K15: row("SOAP array of a billion", "holds"),
  K16: row("names that collide in a hash", "holds"),
  K17: row("compressed bombs and nested encodings", "413", "415"),
  K18: row("invalid limit in the configuration", "start refused"),
  K19: row("many signatures, tokens, headers or timestamps", "IS"),
  K20: row("XPath, XSLT or filter transform", "UA"),
  K21: row("huge iteration count or derived key", "IS"),
  K22: row("huge modulus or exponent in KeyInfo", "IT"),
  K23: row("many parts, folded or endless part headers", "400", "413"),
  K24: row("slow headers, slow body, endless chunk", "holds"),
  K25: row("flood of failed logins", "429"),
  K26: row("text made for slow regular expressions", "holds"),
  K27: row("huge user names in the log", "holds"),

  // HTTP and frameworks.
  L1: row("requestor sends the identity header itself", "holds"),
  L2: row("identity header under an alias", "holds"),
  L3: row("Connection header that names ours", "400"),
  L4: row("spoof left in another view of the headers", "holds"),
  L5: row("line breaks and other scripts in a name or claim", "holds"),
  L6: row("claim names as header names", "holds"),
  L7: row("contradictory framing", "400"),
  L8: row("length longer than the body", "400", "holds"),
  L9: row("two Content-Type or SOAPAction", "400"),
  L10: row("media type spelt oddly or missing", "415"),
  L11: row("charset that is not on the list", "415"),
  L12: row("octets that are not in the declared encoding", "400"),
  L13: row("body consumed or re-encoded before us", "start refused", "500"),
  L14: row("another verb than POST", "405"),
  L15: row("method override, pseudo headers, trailers", "holds"),
  L16: row("path spellings round the mounted middleware", "holds"),
  L17: row("exemption by path or user agent", "holds"),
  L18: row("action that differs from the Body", "IS"),
  L19: row("multipart roots, ids and references that lie", "400"),
  L20: row("forwarded headers from anyone", "holds"),
  L21: row("exception in the middle of verification", "500", "holds"),
  L22: row("handler before the verdict, twice or after abort", "holds"),
  L23: row("cookie without its attributes, or twice", "400", "holds"),
  L24: row("cookie ticket on a cross-site request", "holds"),
  L25: row("fault that repeats its input", "holds"),

  // Session tickets.
  M1: row("forged, truncated or altered ticket", "IT"),
  M2: row("ticket of another tenant, audience or key", "IT"),
  M3: row("ticket after logout", "IT"),
  M4: row("ticket after its end, sliding included", ...outOfTime),
  M5: row("ticket from before the login", "IT"),
  M6: row("bound ticket from another TLS client", "IT"),
  // There is no algorithm in a ticket: one that names one is no ticket.
  M7: row("algorithm chosen by the ticket", "UA", "IT"),
  M8: row("ticket under a key rotated out", "IT"),
  M9: row("revoked ticket in another spelling", "IT"),
  M10: row("user disabled during the ticket's life", "FA"),
  M11: row("context cancelled by another user", "holds"),
  M12: row("a million sessions", "503"),

  // Leakage.
  N1: row("five tamperings, one fault to the octet", "holds"),
  N2: row("unknown user against wrong password: one fault, one time", "holds"),
  N3: row("stack, path, key or password in a fault or log", "holds"),
  N4: row("timing of the padding groups", "holds"),
  N5: row("fault that differs by stage", "holds"),
  N6: row("precise faults switched on by a header", "holds"),
} satisfies Record<string, AttackRow>;

/** The id of an attack, `A1` to `N6`. */
export type AttackId = keyof typeof catalogue;

/** Every id, in the order of the catalogue. */
export const attackIds = Object.keys(catalogue) as AttackId[];
