import { type RequestSecurityToken, refuse } from "@countersign/core/sts";

/**
 * The token that a Renew, Cancel or Validate request means.
 * @throws ERR_TRUST_INVALID_REQUEST where it names none, ERR_TRUST_BAD_REQUEST where it asks to speak for somebody else too
 */
export function requireTarget({ target, onBehalfOf, actAs }: RequestSecurityToken, section: string): string {
  if (onBehalfOf !== undefined || actAs !== undefined) {
    refuse("ERR_TRUST_BAD_REQUEST", "OnBehalfOf and ActAs belong to Issue", { rule: "WS-Trust 1.4, 9.1" });
  }
  if (target !== undefined) return target;
  refuse("ERR_TRUST_INVALID_REQUEST", "the request does not say which token is meant", {
    rule: `WS-Trust 1.4, ${section}`,
    remedy: "Send the token, or a reference to it, in the target of the operation.",
  });
}
