import { refuse } from "../../errors/index.js";
import { type Claim, ClaimSet } from "../../identity/index.js";
import type { JsonObject } from "./json-object.js";

/**
 * The claims of a token as text, in its order. Text stays as it is, numbers and booleans are written as JSON writes them,
 * an array gives one value for each of its elements, an object is one value of JSON text, null gives none.
 * @throws ERR_TOKEN_MALFORMED for a number that cannot be told from its neighbours: two subjects would look like one
 */
export function claimsOf(members: JsonObject, issuer: string): ClaimSet {
  const claims: Claim[] = [];
  for (const [type, value] of members) {
    const values = Array.isArray(value) ? value.flatMap((element) => textOf(type, element)) : textOf(type, value);
    claims.push({ type, values, issuer });
  }
  return new ClaimSet(claims);
}

function textOf(type: string, value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (value === null) return [];
  if (typeof value === "number" && (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
    refuse("ERR_TOKEN_MALFORMED", `the claim ${type} has a number beyond 2^53`, {
      rule: "RFC 8259 section 6",
      remedy: "Send large numbers as text.",
    });
  }
  return [JSON.stringify(value)];
}
