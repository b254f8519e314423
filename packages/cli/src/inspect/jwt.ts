import { parseJwt } from "@countersign/core/inspect";
import { type FieldValue, type Finding, moment } from "./finding.js";

const times: ReadonlySet<string> = new Set(["exp", "nbf", "iat", "auth_time"]);

/** Whether the text has the shape of a JWT in compact form. */
export const looksLikeJwt = (text: string): boolean => /^[\w-]{8,}\.[\w-]+\.[\w-]*(?:\.[\w-]*){0,2}$/.test(text);

/**
 * What a JWT says (RFC 7519). The token itself is a credential and is not among the fields.
 * @throws ERR_TOKEN_MALFORMED
 */
export function jwtFinding(text: string): Finding {
  const { algorithm, keyId, type, claims, claimedIssuer } = parseJwt(text);
  const subject = claims.get("sub");
  return {
    kind: "jwt",
    summary: `JWT of ${claimedIssuer ?? "no issuer"}${typeof subject === "string" ? ` for ${subject}` : ""}`,
    fields: { algorithm, keyId, type },
    parts: [
      {
        kind: "claims",
        summary: "claims",
        fields: Object.fromEntries([...claims].map(([name, value]) => [name, claimValue(name, value)])),
      },
    ],
  };
}

function claimValue(name: string, value: unknown): FieldValue {
  if (times.has(name) && typeof value === "number") return moment(value * 1_000) ?? value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  return JSON.stringify(value);
}
