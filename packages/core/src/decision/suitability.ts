import { ConfigurationError } from "../errors/index.js";
import type {
  ResponseRule,
  SchemeRequirement,
  SubjectKey,
  ValueSource,
  WsSecurityResponse,
} from "../identity/index.js";

/** A response where it stands in the options, in a realm with these schemes. */
export interface BoundResponse {
  readonly response: ResponseRule;
  /** Path of the response's option. */
  readonly option: string;
  readonly schemes: readonly SchemeRequirement[];
  readonly realm: string;
}

/** Schemes by which the caller proves a key of its own. */
const provesKey = (scheme: SchemeRequirement): boolean =>
  scheme.kind === "xml-signature" ||
  scheme.kind === "certificate" ||
  (scheme.kind === "session-ticket" && scheme.signature) ||
  (scheme.kind === "ws-security" &&
    (scheme.token === "x509" ||
      ((scheme.token === "saml2" || scheme.token === "saml11") &&
        (scheme.confirm ?? "holder-of-key") === "holder-of-key")));

/**
 * Refuses a response that could never be made of what its realm's schemes gather: a key that
 * nobody proves.
 * @throws ConfigurationError
 */
export function requireSuitable({ response, option, schemes, realm }: BoundResponse): void {
  if (response.kind === "saml-session-ticket") {
    if (schemes.some(({ kind }) => kind === "session-ticket")) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        option,
        `The realm ${realm} takes session tickets, so it cannot be the one that issues them.`,
        "Let callers show credentials there: xmlDocumentCredentials(...), xmlSignature(), wsSecurity(...) or an HTTP scheme.",
      );
    }
    return;
  }
  if (response.kind !== "ws-security") return;
  if (response.token === "saml2" || response.token === "saml11") requireAssertion(response, option, schemes, realm);
}

function requireAssertion(
  { confirm = "holder-of-key", key = { from: "credential" } }: WsSecurityResponse<ValueSource>,
  option: string,
  schemes: readonly SchemeRequirement[],
  realm: string,
): void {
  if (confirm !== "holder-of-key") return;
  const unfit = schemes.find((scheme) => !provesKey(scheme));
  if (key.from !== "credential" || unfit === undefined) return;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `${option}.key`,
    `The scheme ${wordOf(unfit)} of the realm ${realm} proves no key that the assertion could be tied to.`,
    'Take it from the directory or the document, or set confirm: "sender-vouches".',
  );
}

/**
 * Refuses an association with a realm that does not take what the response makes.
 * @throws ConfigurationError
 */
export function requireConsumable(
  responses: readonly ResponseRule[],
  consumer: { readonly name: string; readonly schemes: readonly SchemeRequirement[] },
  option: string,
): void {
  for (const response of responses) {
    if (response.kind !== "ws-security" && response.kind !== "saml-session-ticket") continue;
    if (consumer.schemes.some((scheme) => takes(scheme, response))) continue;
    const made = response.kind === "ws-security" ? `a ${response.token} token` : "a session ticket assertion";
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      `The policy issues ${made}, and the realm ${consumer.name} does not take it.`,
      response.kind === "ws-security"
        ? `Give that realm the scheme wsSecurity({ token: "${response.token}" }) with the same confirm and audience.`
        : "Give that realm the scheme sessionTicket().",
    );
  }
}

function takes(scheme: SchemeRequirement, response: ResponseRule): boolean {
  if (response.kind === "saml-session-ticket") {
    return scheme.kind === "session-ticket" && !(scheme.signature && keyOf(response.key).from === "none");
  }
  if (response.kind !== "ws-security" || scheme.kind !== "ws-security" || scheme.token !== response.token) return false;
  if (response.token !== "saml2" && response.token !== "saml11") return true;
  const confirm = response.confirm ?? "holder-of-key";
  return (scheme.confirm ?? "holder-of-key") === confirm && scheme.audience === response.audience;
}

const keyOf = (key: SubjectKey<ValueSource> | undefined): SubjectKey<ValueSource> => key ?? { from: "credential" };

const wordOf = (scheme: SchemeRequirement): string =>
  scheme.kind === "ws-security" ? `ws-security ${scheme.token}` : scheme.kind;
