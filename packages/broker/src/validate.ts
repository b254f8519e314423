import { isCountersignError, type TokenStatus } from "@countersign/core/sts";
import { delegate, grant } from "./issue.js";
import type { Asked, BrokerParts, Done } from "./operation.js";
import type { OwnToken } from "./own-tokens.js";
import { requireCurrent } from "./present-identity.js";
import { requireTarget } from "./target.js";

/** Slack at the ends of a token's life, in milliseconds: what services that validate alone allow by default. */
const skew = 60_000;

/**
 * The Validate operation (WS-Trust 1.4 section 7): whether a token of this broker is good at this moment. That nobody revoked it
 * and that its subject still is what it says is looked at too. Where a type of token is asked for, the answer also holds
 * a token for the same subject, which needs a rule of delegation like OnBehalfOf.
 */
export async function validate(asked: Asked, parts: BrokerParts): Promise<Done> {
  const { request } = asked;
  const xml = requireTarget(request, "7");
  const { status, token } = await statusOf(xml, asked.now, parts);
  const { vocabulary, tokenType, context } = request;
  const target = token?.id;
  const alone = tokenType === undefined || tokenType === vocabulary?.statusType;
  if (alone || !status.valid) {
    return { response: { context, tokenType: vocabulary?.statusType, status }, record: { status, target } };
  }
  const party = parts.relyingParties.find(request.appliesTo);
  const delegation = await delegate(asked, parts, { kind: "on-behalf-of", xml });
  const { response, record } = await grant(asked, parts, { party, delegation });
  return { response: { ...response, status }, record: { ...record, status, target } };
}

/** What a token is worth; its refusals are the status, its outages are outages. */
async function statusOf(
  xml: string,
  now: number,
  { ownTokens, tokens, find }: BrokerParts,
): Promise<{ readonly status: TokenStatus; readonly token?: OwnToken | undefined }> {
  let token: OwnToken | undefined;
  try {
    token = ownTokens.verify(xml);
    if (!(now >= token.created - skew)) return { token, status: invalid("The token is not valid yet.") };
    if (!(now < token.expires + skew)) return { token, status: invalid("The token has expired.") };
    const known = await tokens.find(token.id);
    // What the broker forgot it may have revoked before: only what it remembers is good.
    if (known === undefined) return { token, status: invalid("The token is not known.") };
    if (known.revoked) return { token, status: invalid("The token was revoked.") };
    await requireCurrent(find, token);
    return { token, status: { valid: true } };
  } catch (error) {
    if (!isCountersignError(error) || error.family !== "trust") throw error;
    return { token, status: invalid("The token is not valid.") };
  }
}

const invalid = (reason: string): TokenStatus => ({ valid: false, reason });
