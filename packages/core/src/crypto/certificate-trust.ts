import { LRUCache } from "lru-cache";
import { ConfigurationError } from "../errors/index.js";
import { Certificate, type CertificateInput } from "./certificate.js";
import type { CertificateReference } from "./certificate-reference.js";
import { leafFault, type PathFault, type PathRules, pathFault, refusePath } from "./path-checks.js";

/**
 * What is trusted.
 *
 * | `certificates` | `authorities` | a message signed with |
 * |---|---|---|
 * | set | – | a listed certificate is accepted while it is valid |
 * | – | set | a certificate is accepted if a valid path leads to an authority; who it is must then be judged (`requireAllowedSubject`) |
 * | set | set | either |
 * | – | – | start refused |
 */
export interface CertificateTrustOptions {
  /** Certificates trusted by being listed; dates, key and key usage still count. */
  readonly certificates?: readonly CertificateInput[] | undefined;
  /** Certificate authorities. */
  readonly authorities?: readonly CertificateInput[] | undefined;
  /** Untrusted certificates that may be part of a path, or that messages may refer to. */
  readonly known?: readonly CertificateInput[] | undefined;
  /** Most certificates in a path, leaf and authority included: 2 to 5. Default 5. */
  readonly maxPathLength?: number | undefined;
  /** Object identifiers of extended key usages, one of which the leaf must list. Default: none asked for. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  /** Skew allowed at both ends of a certificate's validity. Default 0. */
  readonly clockSkewSeconds?: number | undefined;
}

/** A certificate that may be relied on, and why. */
export interface ValidatedPath {
  readonly certificate: Certificate;
  /** Leaf first, authority last; the leaf alone where it was listed. */
  readonly path: readonly Certificate[];
  /** Whether the certificate was listed, rather than vouched for by an authority. */
  readonly pinned: boolean;
  /** First and last moment at which every certificate of the path is valid, milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Decides which certificates are relied on. Holds no state that one request could leave to another but positive results. */
export interface CertificateTrust {
  /** The certificates trusted by being listed. */
  readonly certificates: readonly Certificate[];
  /**
   * Validates a certificate with the certificates that came with it. Answers at once for listed certificates and for what
   * was validated in the last five minutes.
   * @param path Leaf first; the rest are hints, in any order. At most 10.
   * @param at Milliseconds since 1970.
   * @throws ERR_WSS_FAILED_CHECK where nothing trusted vouches for it
   * @throws ERR_WSS_INVALID_TOKEN where its path is broken: dates, usage, constraints, strength, length
   */
  validate(path: readonly Certificate[], at: number): ValidatedPath | Promise<ValidatedPath>;
  /** The configured certificate that a reference means; of several, one that is valid at `at`. Authorities sign no messages and are not found. */
  find(reference: CertificateReference, at: number): Certificate | undefined;
}

/** Most certificates that a message may bring for one signature. */
export const maxPathCertificates = 10;

/** Most steps of path building, and most paths looked at: certificates that name one another crosswise multiply them. */
const maxSteps = 100;
const maxPaths = 10;

/** How long a positive result is taken from the cache, in milliseconds. */
const cacheLife = 300_000;

/**
 * Makes a {@link CertificateTrust}.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError ERR_CONFIG_INVALID where nothing is trusted, an authority is none, or a value is not valid;
 * ERR_CONFIG_INSECURE for weak keys.
 */
export function createCertificateTrust(options: CertificateTrustOptions, option = "trust"): CertificateTrust {
  return new ConfiguredTrust(options, option);
}

class ConfiguredTrust implements CertificateTrust {
  readonly certificates: readonly Certificate[];
  readonly #authorities: readonly Certificate[];
  readonly #known: readonly Certificate[];
  readonly #rules: PathRules;
  readonly #cache = new LRUCache<string, { readonly result: ValidatedPath; readonly at: number }>({ max: 1000 });

  constructor(options: CertificateTrustOptions, option: string) {
    this.certificates = loadList(options.certificates, `${option}.certificates`);
    this.#authorities = loadList(options.authorities, `${option}.authorities`);
    this.#known = loadList(options.known, `${option}.known`);
    if (this.certificates.length + this.#authorities.length === 0) {
      fail(option, "Nothing is trusted.", "List certificates or authorities.");
    }
    for (const authority of this.#authorities) {
      if (authority.extensions.authority) continue;
      const reason = `${authority.subject} is not a certificate authority.`;
      fail(`${option}.authorities`, reason, "List it under certificates to trust it alone.");
    }
    this.#rules = {
      maxPathLength: inRange(options.maxPathLength ?? 5, 2, 5, `${option}.maxPathLength`),
      extendedKeyUsage: options.extendedKeyUsage,
      skew: inRange(options.clockSkewSeconds ?? 0, 0, 3600, `${option}.clockSkewSeconds`) * 1000,
    };
  }

  validate(path: readonly Certificate[], at: number): ValidatedPath | Promise<ValidatedPath> {
    const [leaf, ...hints] = path;
    if (!leaf || path.length > maxPathCertificates) {
      const reason = `there are ${path.length} certificates where 1 to ${maxPathCertificates} may stand`;
      return refusePath({ code: "ERR_WSS_INVALID_TOKEN", reason, rule: "X.509 Token Profile 1.1 section 3.1" });
    }
    const key = hints.length === 0 ? leaf.fingerprint256 : path.map((one) => one.fingerprint256).join();
    const cached = this.#cache.get(key);
    if (cached && Math.abs(at - cached.at) <= cacheLife && this.#covers(cached.result, at)) return cached.result;
    if (!includes(this.certificates, leaf)) return this.#validatePath(leaf, hints, at, key);
    const fault = leafFault(leaf, this.#rules, at);
    return fault ? refusePath(fault) : this.#keep(key, validated(leaf, [leaf], true), at);
  }

  find(reference: CertificateReference, at: number): Certificate | undefined {
    const found = [...this.certificates, ...this.#known].filter((certificate) => certificate.matches(reference));
    return found.find((certificate) => certificate.isValidAt(at, this.#rules.skew)) ?? found[0];
  }

  #covers({ notBefore, notAfter }: ValidatedPath, at: number): boolean {
    return at >= notBefore - this.#rules.skew && at <= notAfter + this.#rules.skew;
  }

  #keep(key: string, result: ValidatedPath, at: number): ValidatedPath {
    this.#cache.set(key, { result, at });
    return result;
  }

  /** Takes the first path without a fault; where every path has one, refuses for the first. */
  async #validatePath(
    leaf: Certificate,
    hints: readonly Certificate[],
    at: number,
    key: string,
  ): Promise<ValidatedPath> {
    let fault: PathFault | undefined;
    for (const path of this.#signedPaths(leaf, [...hints, ...this.#known])) {
      const found = await pathFault(path, this.#rules, at);
      if (!found) return this.#keep(key, validated(leaf, path, false), at);
      fault ??= found;
    }
    const reason = `no trusted authority vouches for the certificate of ${leaf.subject}, issued by ${leaf.issuer}`;
    const remedy = "Name the certificate in trust.certificates, or its authority in trust.authorities.";
    return refusePath(fault ?? { code: "ERR_WSS_FAILED_CHECK", reason, rule: "RFC 5280 section 6.1", remedy });
  }

  /**
   * The paths that are signed all along. Signatures are verified from the authority downwards, so that a stranger's
   * certificates cost one verification each with our authority's key, and none with theirs.
   */
  *#signedPaths(leaf: Certificate, hints: readonly Certificate[]): Generator<readonly Certificate[]> {
    const known = new Map<string, boolean>();
    const isSigned = (below: Certificate, above: Certificate): boolean => {
      const key = below.fingerprint256 + above.fingerprint256;
      const verdict = known.get(key) ?? below.isSignedBy(above);
      known.set(key, verdict);
      return verdict;
    };
    let count = 0;
    for (const path of this.#namedPaths(leaf, hints)) {
      if (++count > maxPaths) return;
      if (isSignedThroughout(path, isSigned)) yield path;
    }
  }

  /** The paths from the leaf to an authority whose names fit, shortest first. */
  *#namedPaths(leaf: Certificate, hints: readonly Certificate[]): Generator<readonly Certificate[]> {
    let steps = 0;
    const open: (readonly Certificate[])[] = [[leaf]];
    for (let path = open.shift(); path; path = open.shift()) {
      const last = path[path.length - 1] ?? leaf;
      const issuers = (candidates: readonly Certificate[]) =>
        candidates.filter((candidate) => last.names(candidate) && !includes(path, candidate));
      for (const authority of issuers(this.#authorities)) yield [...path, authority];
      if (path.length + 1 >= this.#rules.maxPathLength) continue;
      for (const hint of issuers(hints)) {
        if (++steps > maxSteps) return;
        open.push([...path, hint]);
      }
    }
  }
}

function isSignedThroughout(
  path: readonly Certificate[],
  isSigned: (below: Certificate, above: Certificate) => boolean,
): boolean {
  return path.reduceRight((holds, below, index) => {
    const above = path[index + 1];
    return holds && (above === undefined || isSigned(below, above));
  }, true);
}

/** One certificate may be there as two objects: the cache of parsed ones is bounded. */
function includes(list: readonly Certificate[], { fingerprint256 }: Certificate): boolean {
  return list.some((one) => one.fingerprint256 === fingerprint256);
}

function validated(certificate: Certificate, path: readonly Certificate[], pinned: boolean): ValidatedPath {
  return Object.freeze({
    certificate,
    path,
    pinned,
    notBefore: Math.max(...path.map(({ notBefore }) => notBefore)),
    notAfter: Math.min(...path.map(({ notAfter }) => notAfter)),
  });
}

function loadList(given: readonly CertificateInput[] | undefined, option: string): readonly Certificate[] {
  if (given !== undefined && !Array.isArray(given)) fail(option, "This is not a list.", "Give a list of certificates.");
  return (given ?? []).flatMap((one, index) => Certificate.loadAll(one, `${option}[${index}]`));
}

function inRange(value: number, least: number, most: number, option: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(option, `${value} is not a whole number from ${least} to ${most}.`, "Give such a number.");
}

function fail(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
