import { registerName } from "../xml/index.js";

/** WS-Trust 1.3 and 1.4: https://docs.oasis-open.org/ws-sx/ws-trust/v1.4/ws-trust.html section 1.2 */
export const wstNamespace = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/** WS-Policy 1.2, the namespace of AppliesTo in WS-Trust 1.3 and 1.4: https://www.w3.org/Submission/WS-Policy/ */
export const wspNamespace = "http://schemas.xmlsoap.org/ws/2004/09/policy";
/** WS-Policy 1.5, used for AppliesTo by some peers: https://www.w3.org/TR/ws-policy/ */
export const wsp15Namespace = "http://www.w3.org/ns/ws-policy";
/** Claim requests of the identity dialect: https://docs.oasis-open.org/imi/identity/v1.0/identity.html section 1.3 */
export const identityClaimsDialect = "http://schemas.xmlsoap.org/ws/2005/05/identity";
/** Claim requests of WS-Federation 1.2 section 9: the elements' namespace. */
export const authorizationNamespace = "http://docs.oasis-open.org/wsfed/authorization/200706";
/** WS-Federation 1.2 section 9.3: the dialect's name. */
export const authorizationClaimsDialect = `${authorizationNamespace}/authclaims`;

/** How the issued token is tied to its requestor (WS-Trust 1.4 section 9.2). */
export type KeyType = "bearer" | "public-key" | "symmetric-key";

/**
 * The words of one version of WS-Trust: its elements, and the URIs of its operations, key types and actions. Versions 1.3
 * and 1.4 share theirs; 1.4 only adds elements in a namespace of its own.
 */
export interface TrustVocabulary {
  readonly namespace: string;
  readonly names: ReturnType<typeof trustNames>;
  /** URI of wst:RequestType. */
  readonly requestTypes: { readonly issue: string };
  readonly keyTypes: Readonly<Record<KeyType, string>>;
  /** WS-Addressing actions. */
  readonly actions: { readonly requestIssue: string; readonly issueFinal: string };
}

/** The elements of a version of WS-Trust that are read or written, those about security contexts included. */
export function trustNames(namespace: string) {
  const name = (localName: string) => registerName(namespace, localName);
  return Object.freeze({
    RequestSecurityToken: name("RequestSecurityToken"),
    RequestSecurityTokenResponse: name("RequestSecurityTokenResponse"),
    RequestSecurityTokenResponseCollection: name("RequestSecurityTokenResponseCollection"),
    RequestType: name("RequestType"),
    TokenType: name("TokenType"),
    KeyType: name("KeyType"),
    KeySize: name("KeySize"),
    Claims: name("Claims"),
    Entropy: name("Entropy"),
    BinarySecret: name("BinarySecret"),
    ComputedKeyAlgorithm: name("ComputedKeyAlgorithm"),
    ComputedKey: name("ComputedKey"),
    Lifetime: name("Lifetime"),
    UseKey: name("UseKey"),
    Renewing: name("Renewing"),
    RenewTarget: name("RenewTarget"),
    CancelTarget: name("CancelTarget"),
    RequestedSecurityToken: name("RequestedSecurityToken"),
    RequestedProofToken: name("RequestedProofToken"),
    RequestedAttachedReference: name("RequestedAttachedReference"),
    RequestedUnattachedReference: name("RequestedUnattachedReference"),
    RequestedTokenCancelled: name("RequestedTokenCancelled"),
  });
}

/** WS-Trust 1.3 and 1.4. */
export const trust13: TrustVocabulary = Object.freeze({
  namespace: wstNamespace,
  names: trustNames(wstNamespace),
  requestTypes: Object.freeze({ issue: `${wstNamespace}/Issue` }),
  keyTypes: Object.freeze({
    bearer: `${wstNamespace}/Bearer`,
    "public-key": `${wstNamespace}/PublicKey`,
    "symmetric-key": `${wstNamespace}/SymmetricKey`,
  }),
  actions: Object.freeze({
    requestIssue: `${wstNamespace}/RST/Issue`,
    issueFinal: `${wstNamespace}/RSTRC/IssueFinal`,
  }),
});

/** The bearer URI that the published schema of WS-Trust 1.3 spells differently from its text; peers send either. */
const bearerOfSchema = "http://docs.oasis-open.org/wssx/wstrust/200512/Bearer";

/** The key type that a URI names; undefined for a URI that this version does not define. */
export function keyTypeOf(vocabulary: TrustVocabulary, uri: string): KeyType | undefined {
  if (uri === bearerOfSchema) return "bearer";
  for (const type of ["bearer", "public-key", "symmetric-key"] as const) {
    if (vocabulary.keyTypes[type] === uri) return type;
  }
  return undefined;
}

/** URIs of wst:TokenType. */
export const tokenTypes = Object.freeze({
  /** SAML Token Profile 1.1 section 3.4. */
  saml2: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0",
  /** The assertion's namespace, which .NET and ADFS send for the same. */
  saml2Namespace: "urn:oasis:names:tc:SAML:2.0:assertion",
  /** SAML Token Profile 1.1 section 3.4, of SAML 1.1. */
  saml11: "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1",
  /** The namespace of SAML 1.1 assertions, which .NET and ADFS send for the same. */
  saml11Namespace: "urn:oasis:names:tc:SAML:1.0:assertion",
});

/** Names of other specifications that stand in WS-Trust messages. */
export const foreignNames = Object.freeze({
  appliesTo: registerName(wspNamespace, "AppliesTo"),
  appliesTo15: registerName(wsp15Namespace, "AppliesTo"),
  keyInfo: registerName("http://www.w3.org/2000/09/xmldsig#", "KeyInfo"),
  identityClaimType: registerName(identityClaimsDialect, "ClaimType"),
  authorizationClaimType: registerName(authorizationNamespace, "ClaimType"),
  authorizationValue: registerName(authorizationNamespace, "Value"),
});

/** Attributes without namespace. */
export const attributes = Object.freeze({
  context: registerName("", "Context"),
  dialect: registerName("", "Dialect"),
  uri: registerName("", "Uri"),
  optional: registerName("", "Optional"),
  sig: registerName("", "Sig"),
  allow: registerName("", "Allow"),
  ok: registerName("", "OK"),
});
