import { type ErrorDetail, refuse } from "../errors/index.js";

/**
 * Refuses to forward a request for which a response cannot be made. The reason goes to the audit record: it names what is
 * missing, and holds no value of the response.
 * @param name The member of the response that is at fault.
 * @throws ERR_RESPONSE_DATA always
 */
export function refuseData(name: string, reason: string, more: Pick<ErrorDetail, "remedy"> = {}): never {
  refuse("ERR_RESPONSE_DATA", reason, {
    rule: `responses[].${name}`,
    remedy: more.remedy ?? "Correct the response of the policy, or what the user directory has for it.",
  });
}
