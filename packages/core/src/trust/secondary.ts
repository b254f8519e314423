import type { XmlDocument } from "../xml/index.js";
import { refuseRequest } from "./elements.js";
import type { RequestSecurityToken } from "./message.js";

type Parameters = Partial<RequestSecurityToken>;

/**
 * Joins what a request says with its wst:SecondaryParameters, which come from the service's policy (WS-Trust 1.4 section
 * 4.2): they fill in what the request leaves open. Claims of both are asked for.
 * @throws ERR_TRUST_INVALID_REQUEST where the two say different things: whichever counted, the other was meant
 */
export function joinSecondary<T extends Parameters>(
  document: XmlDocument,
  element: number,
  request: T,
  secondary: Parameters,
): T {
  const joined: Record<string, unknown> = { ...request };
  for (const [name, wanted] of Object.entries(secondary)) {
    const said = joined[name];
    if (name === "claims") joined[name] = [...(request.claims ?? []), ...(secondary.claims ?? [])];
    else if (name === "algorithms") joined[name] = { ...secondary.algorithms, ...request.algorithms };
    else if (said === undefined) joined[name] = wanted;
    else if (JSON.stringify(said) !== JSON.stringify(wanted)) {
      refuseRequest(document, element, `the request and its SecondaryParameters differ in ${name}`, "4.2");
    }
  }
  return joined as T;
}
