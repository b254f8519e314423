import {
  type AssertionSyntax,
  isCountersignError,
  type KeyObject,
  parseAssertion,
  type RequestSecurityTokenResponse,
  refuse,
  registerName,
  scan,
  tokenTypes,
  writeAssertionReference,
} from "@countersign/core/sts";
import type { IssuedToken } from "./issued-token.js";

/** What was asked for, against which the answer is held. */
export interface TokenExpectation {
  readonly context: string;
  readonly appliesTo: string;
  readonly tokenType: "saml2" | "saml11";
  /** What the token must name as its audience. */
  readonly audience: string;
  /** The key that the token must name; undefined for a bearer token. */
  readonly publicKey: KeyObject | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Verifies the assertion's signature where the issuer's certificates are configured. */
  readonly verifyAssertion: ((assertion: AssertionSyntax) => void) | undefined;
}

/** What each kind of token is called in responses, and its elements and versions. */
const kinds = {
  saml2: { names: [tokenTypes.saml2, tokenTypes.saml2Namespace], version: "2.0" },
  saml11: { names: [tokenTypes.saml11, tokenTypes.saml11Namespace], version: "1.1" },
} as const;

const assertionNames: ReadonlySet<number> = new Set([
  registerName(tokenTypes.saml2Namespace, "Assertion"),
  registerName(tokenTypes.saml11Namespace, "Assertion"),
]);

/**
 * Holds a response against the request: its context, the kind of token and key, the relying party; and where the token can
 * be read, its audience, its confirmation, its key and its time. A token that is encrypted for the service is opaque.
 * @throws ERR_STS_RESPONSE_INVALID
 */
export function takeToken(response: RequestSecurityTokenResponse, expected: TokenExpectation): IssuedToken {
  const { context, tokenType, keyType, appliesTo, lifetime, requestedSecurityToken: xml, attachedReference } = response;
  if (context !== expected.context) refuseToken("it answers another request (Context)");
  const { names, version } = kinds[expected.tokenType];
  if (tokenType !== undefined && !names.some((name) => name === tokenType))
    refuseToken(`it holds a token of type ${tokenType}`);
  const asked = expected.publicKey === undefined ? "bearer" : "public-key";
  if (keyType !== undefined && keyType !== asked) refuseToken(`its key type is ${keyType}`);
  if (appliesTo !== undefined && appliesTo !== expected.appliesTo) refuseToken(`it is for ${appliesTo}`);
  const assertion = readAssertion(xml);
  if (assertion !== undefined) {
    if (assertion.version !== version) refuseToken(`it holds an assertion of SAML ${assertion.version}`);
    checkAssertion(assertion, expected);
  }
  const reference = attachedReference ?? (assertion && writeAssertionReference(version, assertion.id));
  if (asked === "public-key" && reference === undefined) {
    refuseToken("it holds a token that cannot be read, and no reference to sign with");
  }
  const expires = earliest(lifetime?.expires, assertion?.conditions?.notOnOrAfter);
  if (expires !== undefined && expires <= expected.now) refuseToken("the token is over already");
  return {
    xml,
    id: assertion?.id,
    appliesTo: expected.appliesTo,
    keyType: asked,
    expires,
    attachedReference: reference,
  };
}

function readAssertion(xml: string): AssertionSyntax | undefined {
  const document = scan(Buffer.from(xml));
  if (!assertionNames.has(document.name(0))) return undefined;
  try {
    return parseAssertion(document, 0);
  } catch (cause) {
    if (!isCountersignError(cause)) throw cause;
    // What is unsupported here may be supported by the service; what is malformed is not.
    if (cause.code === "ERR_WSS_UNSUPPORTED_TOKEN") return undefined;
    return refuseToken(`the assertion cannot be read: ${cause.detail.reason}`, cause);
  }
}

function checkAssertion(assertion: AssertionSyntax, expected: TokenExpectation): void {
  for (const audiences of assertion.conditions?.audienceRestrictions ?? []) {
    if (!audiences.includes(expected.audience)) refuseToken("its audience is another service");
  }
  const confirmations = assertion.subject?.confirmations ?? [];
  const { publicKey } = expected;
  if (publicKey === undefined) {
    if (!confirmations.some(({ confirm }) => confirm === "bearer")) refuseToken("it is not a bearer token");
  } else if (!confirmations.some(({ keys }) => keys.some(({ key }) => key.equals(publicKey)))) {
    refuseToken("it is not tied to the key that the request named");
  }
  try {
    expected.verifyAssertion?.(assertion);
  } catch (cause) {
    if (!isCountersignError(cause)) throw cause;
    refuseToken(`the assertion is not signed by the broker: ${cause.detail.reason}`, cause);
  }
}

const earliest = (...times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

function refuseToken(reason: string, cause?: unknown): never {
  refuse("ERR_STS_RESPONSE_INVALID", `the broker's response cannot be used: ${reason}`, {
    rule: "WS-Trust 1.4, 4.4",
    remedy: "Look at the broker's log; check appliesTo against the audience that it issues for.",
    cause,
  });
}
