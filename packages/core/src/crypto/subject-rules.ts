import { ConfigurationError, isCountersignError, refuse } from "../errors/index.js";
import { disregard } from "../time/index.js";
import type { Certificate } from "./certificate.js";
import type { ValidatedPath } from "./certificate-trust.js";
import type { DistinguishedName } from "./distinguished-name.js";
import { nameKeyOfText } from "./name-text.js";

/**
 * Which subjects may speak: an exact name in RFC 4514 text (compared as parsed names), or a function over the parsed name,
 * for example `(subject) => subject.values("OU").includes("orders")`.
 */
export type SubjectConstraint = string | ((subject: DistinguishedName, certificate: Certificate) => boolean);

/** Who may speak with a certificate that an authority vouches for. */
export interface SubjectRules {
  /** One match is enough. None at all: nobody may. */
  readonly subjects?: readonly SubjectConstraint[] | undefined;
  /** Names (RFC 4514) of authorities one of which must have issued the certificate itself. Default: any in a valid path. */
  readonly issuers?: readonly string[] | undefined;
}

/**
 * Checks subject rules at start.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError ERR_CONFIG_INVALID where a name is not RFC 4514 text or a list is empty
 */
export function checkSubjectRules({ subjects, issuers }: SubjectRules, option: string): void {
  if (subjects) checkList(subjects, `${option}.subjects`);
  if (issuers) checkList(issuers, `${option}.issuers`);
}

/**
 * Refuses a path whose subject or issuer is not allowed. A listed certificate is allowed by being listed. Functions are asked
 * every time.
 * @throws ERR_INTERNAL where a function throws
 * @throws ERR_WSS_FAILED_AUTHENTICATION (threats of a certificate "CN=admin" from any authority: a valid path does not say who)
 */
export function requireAllowedSubject(
  { certificate, pinned }: ValidatedPath,
  { subjects = [], issuers }: SubjectRules,
): void {
  if (pinned) return;
  if (issuers && !keysOf(issuers).has(certificate.issuerName.key)) {
    refuse(
      "ERR_WSS_FAILED_AUTHENTICATION",
      `${certificate.issuer}, which issued the certificate of ${certificate.subject}, is not among the issuers of this route`,
      {
        rule: "x509.issuers",
        remedy: "Add the issuer to issuers, or use a certificate of one that is listed.",
      },
    );
  }
  const names = keysOf(subjects);
  const { subjectName } = certificate;
  if (names.has(subjectName.key)) return;
  if (subjects.some((allows) => typeof allows === "function" && holds(allows, certificate))) return;
  refuse("ERR_WSS_FAILED_AUTHENTICATION", `no subject constraint of this route holds for ${certificate.subject}`, {
    rule: "x509.subjects",
    remedy: "Add the subject to subjects, or use a certificate of one that is allowed.",
  });
}

/** Only true allows: a promise of it, or anything else, does not. */
function holds(allows: Exclude<SubjectConstraint, string>, certificate: Certificate): boolean {
  try {
    const answer: unknown = allows(certificate.subjectName, certificate);
    if (typeof answer === "object") disregard(answer);
    return answer === true;
  } catch (cause) {
    if (isCountersignError(cause)) throw cause;
    refuse("ERR_INTERNAL", "a function among the subjects failed", { rule: "x509.subjects", cause });
  }
}

const keys = new WeakMap<readonly unknown[], ReadonlySet<string>>();

/** The keys of the names in a list of options, which is taken as unchanging. */
function keysOf(list: readonly (string | object)[]): ReadonlySet<string> {
  let found = keys.get(list);
  if (!found) {
    found = new Set(list.flatMap((given) => (typeof given === "string" ? (nameKeyOfText(given) ?? []) : [])));
    keys.set(list, found);
  }
  return found;
}

function checkList(list: readonly (string | object)[], option: string): void {
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This is not a list, or it is empty.",
      "Name at least one.",
    );
  }
  for (const [index, given] of list.entries()) {
    const isName = typeof given === "string" && given.trim() !== "" && nameKeyOfText(given) !== undefined;
    if (isName || (typeof given === "function" && option.endsWith("subjects"))) continue;
    const reason = `${JSON.stringify(given)} is not a name.`;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}[${index}]`,
      reason,
      "Write it as CN=orders,O=Example,C=DE.",
    );
  }
}
