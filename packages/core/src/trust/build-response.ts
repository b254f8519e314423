import { element, escapeText } from "../xml/index.js";
import { writeBinarySecret } from "./binary-secret.js";
import { writeAppliesTo, writeKeyType, writeLifetime, writeRenewing } from "./build-request.js";
import type { ResponseContent, TokenProof, TokenStatus } from "./message.js";
import { type TrustVocabulary, trust13 } from "./vocabulary.js";

/**
 * Writes the final answer to Issue requests: a wst:RequestSecurityTokenResponseCollection, which WS-Trust 1.3 and 1.4
 * demand even for one response (WS-Trust 1.4 section 4.3).
 */
export function writeRequestSecurityTokenResponseCollection(
  responses: readonly ResponseContent[],
  vocabulary: TrustVocabulary = trust13,
): string {
  return element(
    "wst:RequestSecurityTokenResponseCollection",
    { "xmlns:wst": vocabulary.namespace },
    ...responses.map((response) => writeResponse(response, vocabulary, {})),
  );
}

/**
 * Writes one wst:RequestSecurityTokenResponse: the final answer to Renew, Cancel and Validate (WS-Trust 1.4 sections 5 to 7),
 * and in February 2005 to Issue too.
 */
export function writeRequestSecurityTokenResponse(response: ResponseContent, vocabulary: TrustVocabulary): string {
  return writeResponse(response, vocabulary, { "xmlns:wst": vocabulary.namespace });
}

function writeResponse(
  response: ResponseContent,
  vocabulary: TrustVocabulary,
  declared: Readonly<Record<string, string>>,
): string {
  const { context, tokenType, status, cancelled, appliesTo, attachedReference, unattachedReference, proof } = response;
  const { requestedSecurityToken, lifetime, renewing, keyType, keySize } = response;
  return element(
    "wst:RequestSecurityTokenResponse",
    { ...declared, ...(context !== undefined && { Context: context }) },
    ...(tokenType === undefined ? [] : [element("wst:TokenType", {}, escapeText(tokenType))]),
    ...(status === undefined ? [] : [writeStatus(vocabulary, status)]),
    ...(cancelled === true ? [element("wst:RequestedTokenCancelled", {})] : []),
    ...(requestedSecurityToken === undefined
      ? []
      : [element("wst:RequestedSecurityToken", {}, requestedSecurityToken)]),
    ...(appliesTo === undefined ? [] : [writeAppliesTo(appliesTo)]),
    ...(attachedReference === undefined ? [] : [element("wst:RequestedAttachedReference", {}, attachedReference)]),
    ...(unattachedReference === undefined
      ? []
      : [element("wst:RequestedUnattachedReference", {}, unattachedReference)]),
    ...(proof === undefined ? [] : writeProof(vocabulary, proof)),
    ...(lifetime === undefined ? [] : [writeLifetime(lifetime)]),
    ...(renewing === undefined ? [] : [writeRenewing(renewing.allow)]),
    ...(keyType === undefined ? [] : [writeKeyType(vocabulary, keyType)]),
    ...(keySize === undefined ? [] : [element("wst:KeySize", {}, String(keySize))]),
  );
}

function writeStatus({ status }: TrustVocabulary, { valid, reason }: TokenStatus): string {
  return element(
    "wst:Status",
    {},
    element("wst:Code", {}, valid ? status.valid : status.invalid),
    ...(reason === undefined ? [] : [element("wst:Reason", {}, escapeText(reason))]),
  );
}

function writeProof(vocabulary: TrustVocabulary, proof: TokenProof): readonly string[] {
  if (proof.kind === "key") {
    return [element("wst:RequestedProofToken", {}, writeBinarySecret(vocabulary, "key", proof.key))];
  }
  return [
    element("wst:RequestedProofToken", {}, element("wst:ComputedKey", {}, vocabulary.pSha1)),
    element("wst:Entropy", {}, writeBinarySecret(vocabulary, "nonce", proof.entropy)),
  ];
}
