import { refuse } from "../errors/index.js";
import { escapeText, element as write, type XmlDocument } from "../xml/index.js";
import { booleanAttribute, refuseRequest, refuseUnread, shortText } from "./elements.js";
import type { RequestedClaim } from "./message.js";
import {
  attributes,
  authorizationClaimsDialect,
  authorizationNamespace,
  foreignNames,
  identityClaimsDialect,
} from "./vocabulary.js";

/** Claims in one request, and values of one claim. */
const maxClaims = 50;
const rule = "4.2";

/**
 * Reads a wst:Claims of the identity dialect or of the WS-Federation dialect.
 * @throws ERR_TRUST_BAD_REQUEST for another dialect, ERR_TRUST_INVALID_REQUEST for a wrong structure
 */
export function parseClaims(document: XmlDocument, element: number): readonly RequestedClaim[] {
  const dialect = document.attribute(element, attributes.dialect)?.trim();
  const name = claimElementOf(dialect) ?? refuseUnread(document, element, `Use the dialect ${identityClaimsDialect}.`);
  const claims: RequestedClaim[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    if (document.name(child) !== name)
      refuseUnread(document, child, "Name claims by ClaimType elements of the dialect.");
    if (claims.length === maxClaims)
      refuseRequest(document, child, `more than ${maxClaims} claims are asked for`, rule);
    claims.push(parseClaim(document, child));
  }
  return claims;
}

function claimElementOf(dialect: string | undefined): number | undefined {
  if (dialect === identityClaimsDialect) return foreignNames.identityClaimType;
  if (dialect === authorizationClaimsDialect) return foreignNames.authorizationClaimType;
  return undefined;
}

function parseClaim(document: XmlDocument, element: number): RequestedClaim {
  const type = document.attribute(element, attributes.uri)?.trim();
  if (type === undefined || type === "") refuseRequest(document, element, "a ClaimType has no Uri", rule);
  const values: string[] = [];
  for (let child = document.firstChild(element); child !== -1; child = document.nextSibling(child)) {
    if (document.name(child) !== foreignNames.authorizationValue) refuseUnread(document, child);
    if (values.length === maxClaims)
      refuseRequest(document, child, `more than ${maxClaims} values are asked for`, rule);
    values.push(shortText(document, child, rule));
  }
  const optional = booleanAttribute(document, element, attributes.optional, false);
  return { type, optional, ...(values.length > 0 && { values }) };
}

/**
 * Writes a wst:Claims: in the identity dialect, or in that of WS-Federation where a claim asks for values.
 * @param wst The prefix bound to WS-Trust.
 */
export function writeClaims(wst: string, claims: readonly RequestedClaim[]): string {
  if (claims.length > maxClaims) refuse("ERR_TRUST_BAD_REQUEST", `more than ${maxClaims} claims cannot be asked for`);
  const federated = claims.some((claim) => claim.values !== undefined);
  const prefix = federated ? "auth" : "ic";
  const namespace = federated ? authorizationNamespace : identityClaimsDialect;
  const written = claims.map(({ type, optional, values = [] }) =>
    write(
      `${prefix}:ClaimType`,
      { [`xmlns:${prefix}`]: namespace, ...(optional && { Optional: "true" }), Uri: type },
      ...values.map((value) => write(`${prefix}:Value`, {}, escapeText(value))),
    ),
  );
  return write(
    `${wst}:Claims`,
    { Dialect: federated ? authorizationClaimsDialect : identityClaimsDialect },
    ...written,
  );
}
