import { headerText } from "../http/index.js";
import type { AuthenticatedSubject, SchemeRequirement } from "../identity/index.js";
import type { NamedValue } from "./variables.js";

/** The headers by which a service learns who is asking, without asking for them. */
export const identityHeaderNames = [
  "sm_user",
  "sm_authtype",
  "sm_authreason",
  "sm_authdirname",
  "sm_authdirnamespace",
  "sm_authdiroid",
  "sm_authdirserver",
] as const;

/** The name of an identity header. */
export type IdentityHeaderName = (typeof identityHeaderNames)[number];

/** Which identity headers a request gets, and how their names are written. */
export interface IdentityHeaderOptions {
  /** Names with `_` as the product family writes them, or with `-`, which proxies let through. Default `"underscore"`. */
  readonly spelling?: "underscore" | "hyphen" | undefined;
  /** Headers that are not set. They are stripped all the same. */
  readonly without?: readonly IdentityHeaderName[] | undefined;
}

/** What a directory is called: for the headers that name it. */
export interface DirectoryFacts {
  readonly namespace?: string | undefined;
  readonly oid?: string | undefined;
  readonly server?: string | undefined;
}

/** How a scheme is called in `sm_authtype`. */
const authenticationTypes: Readonly<Record<SchemeRequirement["kind"], string>> = {
  "xml-document": "XMLDCC",
  "xml-signature": "XMLDSIG",
  "ws-security": "WSSecurity",
  "session-ticket": "SAMLSessionTicket",
  basic: "Basic",
  certificate: "X.509",
  bearer: "Bearer",
};

/**
 * The identity headers of an admitted request. Those without a value are left out; received ones are stripped by
 * {@link isIdentityHeader}, set or not.
 * @param scheme By which the caller came in; undefined for a session cookie.
 */
export function identityHeaders(
  subject: AuthenticatedSubject,
  scheme: SchemeRequirement["kind"] | undefined,
  options: IdentityHeaderOptions = {},
  directory: DirectoryFacts = {},
): readonly NamedValue[] {
  const values: Readonly<Record<IdentityHeaderName, string | undefined>> = {
    sm_user: subject.name,
    sm_authtype: scheme === undefined ? "Session" : authenticationTypes[scheme],
    // The code of a failed or second authentication: whoever is let in has none.
    sm_authreason: "0",
    sm_authdirname: subject.directory,
    sm_authdirnamespace: directory.namespace,
    sm_authdiroid: directory.oid,
    sm_authdirserver: directory.server,
  };
  const headers: NamedValue[] = [];
  for (const name of identityHeaderNames) {
    const value = values[name];
    if (value === undefined || value === "" || options.without?.includes(name)) continue;
    headers.push([options.spelling === "hyphen" ? name.replace("_", "-") : name, headerText(value)]);
  }
  return headers;
}

/** Whether a received header could pass for one of ours, in any spelling: it must go, whoever sent it. */
export function isIdentityHeader(name: string): boolean {
  return /^(?:http[-_.])?sm[-_.]/i.test(name) || name.toLowerCase() === "tmsamlsessionticket";
}
