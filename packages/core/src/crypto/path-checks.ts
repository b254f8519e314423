import { type ErrorCode, refuse } from "../errors/index.js";
import type { Certificate } from "./certificate.js";
import { keyUsageBit } from "./certificate-extensions.js";
import { examineKey } from "./key-facts.js";
import { nameConstraintFault } from "./name-constraints.js";

/** What a path is checked against. */
export interface PathRules {
  /** The most certificates from leaf to authority, both counted. */
  readonly maxPathLength: number;
  /** The leaf must list one of these object identifiers; undefined for no such demand. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Milliseconds allowed at both ends of a validity. */
  readonly skew: number;
}

/** Why a path is refused. */
export interface PathFault {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly rule: string;
}

/** Refuses for the fault. */
export function refusePath({ code, reason, rule }: PathFault): never {
  refuse(code, reason, { rule });
}

/**
 * What is wrong with a certificate that signs messages, whoever vouches for it: dates, key, key usage, critical extensions.
 */
export function leafFault(leaf: Certificate, rules: PathRules, at: number): PathFault | undefined {
  const usage = leaf.extensions.keyUsage;
  if (usage && !usage.has(keyUsageBit.digitalSignature) && !usage.has(keyUsageBit.nonRepudiation)) {
    return invalid(`${leaf.subject} may not be used for signatures`, "RFC 5280 section 4.2.1.3");
  }
  const wanted = rules.extendedKeyUsage;
  if (wanted && !wanted.some((usage) => leaf.extensions.extendedKeyUsage?.includes(usage))) {
    return invalid(
      `${leaf.subject} does not list an extended key usage that is asked for`,
      "RFC 5280 section 4.2.1.12",
    );
  }
  return certificateFault(leaf, rules, at);
}

/**
 * What is wrong with a complete path, leaf first, authority last (RFC 5280 section 6.1, without policies). The signatures
 * and names along it have been verified.
 */
export function pathFault(path: readonly Certificate[], rules: PathRules, at: number): PathFault | undefined {
  const [leaf, ...authorities] = path;
  if (leaf === undefined) return invalid("there is no certificate", "RFC 5280 section 6.1");
  if (path.length > rules.maxPathLength) {
    return invalid(
      `the path has ${path.length} certificates, more than ${rules.maxPathLength}`,
      "RFC 5280 section 6.1",
    );
  }
  const fault = leafFault(leaf, rules, at);
  if (fault) return fault;
  if (leaf.version !== 3) return invalid(`${leaf.subject} has no version 3 certificate`, "RFC 5280 section 4.1.2.1");
  // How many intermediates, self-issued ones apart, stand below the authority that is looked at.
  let below = 0;
  for (const [index, authority] of authorities.entries()) {
    const found =
      certificateFault(authority, rules, at) ??
      authorityFault(authority, below) ??
      subtreeFault(authority, path.slice(0, index + 1));
    if (found) return found;
    if (!authority.selfIssued) below++;
  }
  return undefined;
}

function certificateFault(certificate: Certificate, rules: PathRules, at: number): PathFault | undefined {
  if (!certificate.isValidAt(at, rules.skew)) {
    const found = at < certificate.notBefore ? "is not valid yet" : "has expired";
    return invalid(`the certificate of ${certificate.subject} ${found}`, "RFC 5280 section 6.1.3 (a) (2)");
  }
  const [critical] = certificate.extensions.unknownCritical;
  if (critical !== undefined) {
    return invalid(`${certificate.subject} has the unknown critical extension ${critical}`, "RFC 5280 section 4.2");
  }
  const key = examineKey(certificate.publicKey);
  if ("reason" in key)
    return invalid(`the key of ${certificate.subject} cannot be used: ${key.reason}`, "RFC 5280 section 4.1.2.7");
  return undefined;
}

function authorityFault(authority: Certificate, below: number): PathFault | undefined {
  const { authority: flag, pathLength, keyUsage } = authority.extensions;
  if (authority.version !== 3 || !flag) {
    return invalid(
      `${authority.subject} is not an authority and may not issue certificates`,
      "RFC 5280 section 6.1.4 (k)",
    );
  }
  if (keyUsage && !keyUsage.has(keyUsageBit.keyCertSign)) {
    return invalid(`${authority.subject} may not sign certificates`, "RFC 5280 section 6.1.4 (n)");
  }
  if (pathLength !== undefined && below > pathLength) {
    return invalid(
      `${authority.subject} allows ${pathLength} intermediates below it, and there are ${below}`,
      "RFC 5280 section 6.1.4 (m)",
    );
  }
  return undefined;
}

function subtreeFault(authority: Certificate, below: readonly Certificate[]): PathFault | undefined {
  const constraints = authority.extensions.nameConstraints;
  if (!constraints) return undefined;
  for (const [index, certificate] of below.entries()) {
    // RFC 5280 section 6.1.3 (b): a new certificate of the same authority may stand outside its own constraints.
    if (index > 0 && certificate.selfIssued) continue;
    const reason = nameConstraintFault(constraints, certificate);
    if (reason)
      return invalid(
        `${certificate.subject} breaks the name constraints of ${authority.subject}: ${reason}`,
        "RFC 5280 section 6.1.3 (b)",
      );
  }
  return undefined;
}

function invalid(reason: string, rule: string): PathFault {
  return { code: "ERR_WSS_INVALID_TOKEN", reason, rule };
}
