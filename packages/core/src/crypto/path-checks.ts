import { CertificateChainValidationEngine, Certificate as PkijsCertificate } from "pkijs";
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
  readonly remedy?: string | undefined;
}

/** Refuses for the fault. */
export function refusePath({ code, reason, rule, remedy }: PathFault): never {
  refuse(code, reason, { rule, remedy });
}

/** What is wrong with a certificate that signs messages, whoever vouches for it: dates, key, usage, critical extensions. */
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
 * What is wrong with a complete path, leaf first, authority last (RFC 5280 section 6.1). The signatures and names along it
 * have been verified. pkijs validates authority flags, key usage of authorities and policies; what it leaves out is checked
 * here: path lengths, unknown critical extensions, strength of keys, version, and name constraints (see there).
 */
export async function pathFault(
  path: readonly Certificate[],
  rules: PathRules,
  at: number,
): Promise<PathFault | undefined> {
  const [leaf, ...authorities] = path;
  if (!leaf) return invalid("there is no certificate", "RFC 5280 section 6.1");
  for (const certificate of path) {
    if (certificate.version !== 3) {
      return invalid(`${certificate.subject} has no version 3 certificate`, "RFC 5280 section 4.1.2.1");
    }
  }
  const fault = leafFault(leaf, rules, at) ?? first(authorities, (authority) => certificateFault(authority, rules, at));
  return fault ?? lengthFault(authorities) ?? subtreeFault(path) ?? (await engineFault(path, at));
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
  if (!("reason" in key)) return undefined;
  return invalid(`the key of ${certificate.subject} cannot be used: ${key.reason}`, "RFC 5280 section 4.1.2.7");
}

/** pathLenConstraint counts the intermediates below an authority, self-issued ones apart. */
function lengthFault(authorities: readonly Certificate[]): PathFault | undefined {
  let below = 0;
  for (const authority of authorities) {
    const { pathLength } = authority.extensions;
    if (pathLength !== undefined && below > pathLength) {
      const reason = `${authority.subject} allows ${pathLength} intermediates below it, and there are ${below}`;
      return invalid(reason, "RFC 5280 section 6.1.4 (m)");
    }
    if (!authority.selfIssued) below++;
  }
  return undefined;
}

function subtreeFault(path: readonly Certificate[]): PathFault | undefined {
  for (const [index, authority] of path.entries()) {
    const constraints = authority.extensions.nameConstraints;
    if (!constraints) continue;
    for (const [position, certificate] of path.slice(0, index).entries()) {
      // RFC 5280 section 6.1.3 (b): a new certificate of the same authority may stand outside its own constraints.
      if (position > 0 && certificate.selfIssued) continue;
      const reason = nameConstraintFault(constraints, certificate);
      if (reason) {
        const sentence = `${certificate.subject} breaks the name constraints of ${authority.subject}: ${reason}`;
        return invalid(sentence, "RFC 5280 section 6.1.3 (b)");
      }
    }
  }
  return undefined;
}

/**
 * The opinion of pkijs. It is given exactly one path and who issued whom: left to search, it follows certificates that sign
 * one another without end.
 */
async function engineFault(path: readonly Certificate[], at: number): Promise<PathFault | undefined> {
  const syntax = path.map(({ der }) => PkijsCertificate.fromBER(der));
  // Dates were compared with the skew, which the engine does not know.
  const checkDate = Math.min(
    Math.max(at, ...path.map((one) => one.notBefore)),
    ...path.map((one) => one.notAfter - 999),
  );
  const engine = new CertificateChainValidationEngine({
    trustedCerts: syntax.slice(-1),
    certs: syntax.slice(0, -1).reverse(),
    checkDate: new Date(checkDate),
    findIssuer: async (certificate) => syntax.slice(syntax.indexOf(certificate) + 1).slice(0, 1),
  });
  const { result, resultMessage } = await engine.verify();
  return result
    ? undefined
    : invalid(`the path to ${path.at(-1)?.subject} is not valid: ${resultMessage}`, "RFC 5280 section 6.1");
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function invalid(reason: string, rule: string): PathFault {
  return { code: "ERR_WSS_INVALID_TOKEN", reason, rule };
}
