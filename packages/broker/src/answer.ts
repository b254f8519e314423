import {
  type ResponseContent,
  writeRequestSecurityTokenResponse,
  writeRequestSecurityTokenResponseCollection,
} from "@countersign/core/sts";
import type { TrustRequest } from "./request.js";

/**
 * The Body of an answer: a collection for Issue and for several requests, one response alone otherwise (WS-Trust 1.4 sections
 * 4.3 and 5 to 7, and its WSDL). In February 2005 there are no collections of final answers to one request.
 */
export function writeAnswer(
  { operation, vocabulary, batch }: Pick<TrustRequest, "operation" | "vocabulary" | "batch">,
  responses: readonly ResponseContent[],
): string {
  const [first] = responses;
  const alone = !batch && (operation !== "issue" || vocabulary.version === "2005/02");
  if (alone && first !== undefined) return writeRequestSecurityTokenResponse(first, vocabulary);
  return writeRequestSecurityTokenResponseCollection(responses, vocabulary);
}
