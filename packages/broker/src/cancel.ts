import { refuse } from "@countersign/core/sts";
import type { Asked, BrokerParts, Done } from "./operation.js";
import { requireTarget } from "./target.js";

/**
 * The Cancel operation (WS-Trust 1.4 section 6): the token is valid no more for anybody who asks the broker. Services that
 * validate alone take it to its end.
 * @throws ERR_TRUST_REQUEST_FAILED for a token that is unknown, or was issued to somebody else: which, is not said
 */
export async function cancel({ request, identity }: Asked, { ownTokens, tokens }: BrokerParts): Promise<Done> {
  const id = ownTokens.idOf(requireTarget(request, "6"));
  const known = await tokens.find(id);
  if (known?.owner !== identity.name) {
    refuse(
      "ERR_TRUST_REQUEST_FAILED",
      known === undefined ? "nothing is known of the token" : "the token was issued to somebody else",
      { rule: "WS-Trust 1.4, 6", remedy: "Cancel with the identity that the token was issued to." },
    );
  }
  await tokens.revoke(id);
  return { response: { context: request.context, cancelled: true }, record: { target: id } };
}
