import { registerName } from "../xml/index.js";

/** WS-Trust 1.3 and 1.4: https://docs.oasis-open.org/ws-sx/ws-trust/v1.4/ws-trust.html section 1.2 */
export const wstNamespace = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/** WS-Trust of February 2005: http://schemas.xmlsoap.org/ws/2005/02/trust */
export const wst2005Namespace = "http://schemas.xmlsoap.org/ws/2005/02/trust";
/** What WS-Trust 1.4 adds: https://docs.oasis-open.org/ws-sx/ws-trust/v1.4/ws-trust.html section 1.2 */
export const wst14Namespace = "http://docs.oasis-open.org/ws-sx/ws-trust/200802";
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

/** What a security token service is asked to do (WS-Trust 1.4 sections 4 to 7). */
export type TrustOperation = "issue" | "renew" | "cancel" | "validate";

/** Every operation. */
export const trustOperations: readonly TrustOperation[] = Object.freeze(["issue", "renew", "cancel", "validate"]);

/**
 * The words of one version of WS-Trust: its elements, and the URIs of its operations, key types and actions. Versions 1.3
 * and 1.4 share theirs; 1.4 only adds elements in a namespace of its own.
 */
export interface TrustVocabulary {
  readonly version: "1.3" | "2005/02";
  readonly namespace: string;
  readonly names: ReturnType<typeof trustNames>;
  /** URIs of wst:RequestType. */
  readonly requestTypes: Readonly<Record<TrustOperation, string>>;
  /** The same of the requests in a wst:RequestSecurityTokenCollection; they are its actions too. */
  readonly batchTypes: Readonly<Record<TrustOperation, string>>;
  readonly keyTypes: Readonly<Record<KeyType, string>>;
  /** WS-Addressing actions of requests. */
  readonly actions: Readonly<Record<TrustOperation, string>>;
  /** WS-Addressing actions of final answers. */
  readonly answers: Readonly<Record<TrustOperation, string>>;
  /** URIs of wst:Code in a wst:Status. */
  readonly status: { readonly valid: string; readonly invalid: string };
  /** The token type by which a Validate request asks for a status alone. */
  readonly statusType: string;
  /** URI of the algorithm that makes a key of both entropies (WS-Trust 1.4 section 9.3). */
  readonly pSha1: string;
  /** Types of wst:BinarySecret. */
  readonly secretTypes: { readonly nonce: string; readonly key: string };
}

/** The elements of a version of WS-Trust that are read or written, those about security contexts included. */
export function trustNames(namespace: string) {
  const name = (localName: string) => registerName(namespace, localName);
  return Object.freeze({
    RequestSecurityToken: name("RequestSecurityToken"),
    RequestSecurityTokenCollection: name("RequestSecurityTokenCollection"),
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
    ValidateTarget: name("ValidateTarget"),
    OnBehalfOf: name("OnBehalfOf"),
    Forwardable: name("Forwardable"),
    Delegatable: name("Delegatable"),
    SecondaryParameters: name("SecondaryParameters"),
    AuthenticationType: name("AuthenticationType"),
    SignatureAlgorithm: name("SignatureAlgorithm"),
    EncryptionAlgorithm: name("EncryptionAlgorithm"),
    CanonicalizationAlgorithm: name("CanonicalizationAlgorithm"),
    KeyWrapAlgorithm: name("KeyWrapAlgorithm"),
    SignWith: name("SignWith"),
    EncryptWith: name("EncryptWith"),
    RequestedSecurityToken: name("RequestedSecurityToken"),
    RequestedProofToken: name("RequestedProofToken"),
    RequestedAttachedReference: name("RequestedAttachedReference"),
    RequestedUnattachedReference: name("RequestedUnattachedReference"),
    RequestedTokenCancelled: name("RequestedTokenCancelled"),
    Status: name("Status"),
    Code: name("Code"),
    Reason: name("Reason"),
  });
}

const verbs = { issue: "Issue", renew: "Renew", cancel: "Cancel", validate: "Validate" } as const;

const forEach = (uri: (verb: string) => string): Readonly<Record<TrustOperation, string>> =>
  Object.freeze({
    issue: uri(verbs.issue),
    renew: uri(verbs.renew),
    cancel: uri(verbs.cancel),
    validate: uri(verbs.validate),
  });

const vocabulary = (
  version: TrustVocabulary["version"],
  namespace: string,
  { answers, bearer }: { readonly answers: TrustVocabulary["answers"]; readonly bearer: string },
): TrustVocabulary =>
  Object.freeze({
    version,
    namespace,
    names: trustNames(namespace),
    requestTypes: forEach((verb) => `${namespace}/${verb}`),
    batchTypes: forEach((verb) => `${namespace}/Batch${verb}`),
    keyTypes: Object.freeze({
      bearer,
      "public-key": `${namespace}/PublicKey`,
      "symmetric-key": `${namespace}/SymmetricKey`,
    }),
    actions: forEach((verb) => `${namespace}/RST/${verb}`),
    answers,
    status: Object.freeze({ valid: `${namespace}/status/valid`, invalid: `${namespace}/status/invalid` }),
    statusType: `${namespace}/RSTR/Status`,
    pSha1: `${namespace}/CK/PSHA1`,
    secretTypes: Object.freeze({ nonce: `${namespace}/Nonce`, key: `${namespace}/SymmetricKey` }),
  });

/** WS-Trust 1.3 and 1.4. */
export const trust13: TrustVocabulary = vocabulary("1.3", wstNamespace, {
  answers: Object.freeze({
    ...forEach((verb) => `${wstNamespace}/RSTR/${verb}Final`),
    issue: `${wstNamespace}/RSTRC/IssueFinal`,
  }),
  bearer: `${wstNamespace}/Bearer`,
});

/**
 * WS-Trust of February 2005. It has no key type for bearer tokens: that of the Identity Metasystem, which .NET sends, stands
 * in for it (Identity Metasystem Interoperability 1.0 section 3.3.4).
 */
export const trust2005: TrustVocabulary = vocabulary("2005/02", wst2005Namespace, {
  answers: forEach((verb) => `${wst2005Namespace}/RSTR/${verb}`),
  bearer: "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
});

/** Every version that is spoken here. */
export const trustVersions: readonly TrustVocabulary[] = Object.freeze([trust13, trust2005]);

/** The version and operation that the URI of a RequestType names; undefined for any other. */
export function requestedOperation(
  uri: string,
): { readonly version: TrustVocabulary; readonly operation: TrustOperation; readonly batch: boolean } | undefined {
  for (const version of trustVersions) {
    for (const operation of trustOperations) {
      if (version.requestTypes[operation] === uri) return { version, operation, batch: false };
      if (version.batchTypes[operation] === uri) return { version, operation, batch: true };
    }
  }
  return undefined;
}

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
  actAs: registerName(wst14Namespace, "ActAs"),
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
