import {
  parseAssertion,
  parseEnvelope,
  parseRequestSecurityTokenResponse,
  type RequestSecurityToken,
  scan,
  type TrustOperation,
  trust13,
} from "@countersign/core/sts";
import { type Answer, type Question, responseIn } from "./ask.js";

/** The question that asks for an operation about a token. */
export function about(operation: TrustOperation, target: string, question: Question = {}): Question {
  const { vocabulary = trust13 } = question.request ?? {};
  const request: Partial<RequestSecurityToken> = {
    appliesTo: undefined,
    requestType: vocabulary.requestTypes[operation],
    target,
    ...question.request,
  };
  return { action: vocabulary.actions[operation], ...question, request };
}

/** The one response in an answer to Renew, Cancel or Validate. */
export function contentIn({ text }: Answer, vocabulary = trust13) {
  const { document, body } = parseEnvelope(scan(Buffer.from(text)));
  return parseRequestSecurityTokenResponse(document, document.firstChild(body), vocabulary);
}

/** The token in an answer, as it goes into messages. */
export const tokenIn = (answer: Answer): string => responseIn(answer).requestedSecurityToken;

/** What a token says. */
export const assertionIn = (xml: string) => parseAssertion(scan(Buffer.from(xml)), 0);

/** Its claims, by type. */
export const claimsIn = (xml: string) =>
  Object.fromEntries(assertionIn(xml).attributes.map(({ name, values }) => [name, values]));
