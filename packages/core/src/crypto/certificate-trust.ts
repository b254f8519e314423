import { LRUCache } from "lru-cache";
import { ConfigurationError } from "../errors/index.js";
import { Certificate, type CertificateInput } from "./certificate.js";
import { type CertificateReference, referenceTest } from "./certificate-reference.js";
import type { DistinguishedName } from "./distinguished-name.js";
import { nameKeyOfText } from "./name-text.js";
import { leafFault, type PathFault, type PathRules, pathFault, refusePath } from "./path-checks.js";

/**
 * Which subjects may speak: an exact name in RFC 4514 text (compared as parsed names), or a function over the parsed name,
 * for example `(subject) => subject.values("OU").includes("orders")`.
 */
export type SubjectConstraint = string | ((subject: DistinguishedName, certificate: Certificate) => boolean);

/**
 * What is trusted, for what.
 *
 * | `certificates` | `authorities` | a message signed with |
 * |---|---|---|
 * | set | – | a listed certificate is accepted while it is valid |
 * | – | set | a certificate is accepted if a valid path leads to an authority **and** a subject constraint holds |
 * | set | set | either |
 * | – | – | start refused |
 */
export interface CertificateTrustOptions {
  /** Certificates trusted by being listed; dates, key and key usage still count. */
  readonly certificates?: readonly CertificateInput[] | undefined;
  /** Certificate authorities. Then `subjects` is mandatory: a valid path does not say who. */
  readonly authorities?: readonly CertificateInput[] | undefined;
  /** Untrusted certificates that may be part of a path, or that messages may refer to. */
  readonly known?: readonly CertificateInput[] | undefined;
  /** Who may speak with an authority's certificate; one match is enough. */
  readonly subjects?: readonly SubjectConstraint[] | undefined;
  /** Names of authorities one of which must have issued the leaf itself. Default: any in a valid path. */
  readonly issuers?: readonly string[] | undefined;
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
  /**
   * Validates a certificate with the certificates that came with it.
   * @param path Leaf first; the rest are hints, in any order. At most 10.
   * @param at Milliseconds since 1970.
   * @throws ERR_WSS_FAILED_CHECK where nothing trusted vouches for it
   * @throws ERR_WSS_INVALID_TOKEN where its path is broken: dates, usage, constraints, strength, length
   * @throws ERR_WSS_FAILED_AUTHENTICATION where the path is good and the subject or issuer is not allowed
   */
  validate(path: readonly Certificate[], at: number): ValidatedPath;
  /** The configured certificate that a reference means; of several, one that is valid at `at`. Authorities sign no messages and are not found. */
  find(reference: CertificateReference, at: number): Certificate | undefined;
}

/** Most certificates that a message may bring for one signature. */
export const maxPathCertificates = 10;

/** Most steps of path building: certificates that sign one another crosswise multiply the paths. */
const maxSteps = 25;

/** How long a positive result is taken from the cache, in milliseconds. */
const cacheLife = 300_000;

/**
 * Makes a {@link CertificateTrust}.
 * @param option Path of the options, for errors.
 * @throws ConfigurationError ERR_CONFIG_INVALID where nothing is trusted, an authority is none, or a value is not valid;
 * ERR_CONFIG_INSECURE for weak keys, and for authorities without subject constraints.
 */
export function createCertificateTrust(options: CertificateTrustOptions, option: string): CertificateTrust {
  return new ConfiguredTrust(options, option);
}

interface CachedPath {
  readonly result: ValidatedPath;
  readonly at: number;
}

class ConfiguredTrust implements CertificateTrust {
  readonly #pinned: ReadonlyMap<string, Certificate>;
  readonly #authorities: ReadonlyMap<string, readonly Certificate[]>;
  readonly #known: readonly Certificate[];
  readonly #findable: readonly Certificate[];
  readonly #subjects: readonly ((certificate: Certificate) => boolean)[];
  readonly #issuers: ReadonlySet<string> | undefined;
  readonly #rules: PathRules;
  readonly #cache = new LRUCache<string, CachedPath>({ max: 1000 });

  constructor(options: CertificateTrustOptions, option: string) {
    const pinned = loadList(options.certificates, `${option}.certificates`);
    const authorities = loadList(options.authorities, `${option}.authorities`);
    if (pinned.length + authorities.length === 0) {
      fail("ERR_CONFIG_INVALID", option, "Nothing is trusted.", "List certificates or authorities.");
    }
    for (const authority of authorities) {
      if (!authority.extensions.authority) {
        const reason = `${authority.subject} is not a certificate authority.`;
        fail("ERR_CONFIG_INVALID", `${option}.authorities`, reason, "List it under certificates to trust it alone.");
      }
    }
    if (authorities.length > 0 && (options.subjects ?? []).length === 0) {
      const reason = "A valid path does not say who is allowed.";
      fail(
        "ERR_CONFIG_INSECURE",
        `${option}.subjects`,
        reason,
        "Name the subjects, or give a function that decides about them.",
      );
    }
    this.#pinned = new Map(pinned.map((certificate) => [certificate.fingerprint256, certificate]));
    this.#authorities = bySubject(authorities);
    this.#known = loadList(options.known, `${option}.known`);
    this.#findable = [...pinned, ...this.#known].sort((a, b) => b.notAfter - a.notAfter);
    this.#subjects = (options.subjects ?? []).map((given, index) => subjectTest(given, `${option}.subjects[${index}]`));
    this.#issuers =
      options.issuers && new Set(options.issuers.map((name, index) => nameKey(name, `${option}.issuers[${index}]`)));
    this.#rules = {
      maxPathLength: inRange(options.maxPathLength ?? 5, 2, 5, `${option}.maxPathLength`),
      extendedKeyUsage: options.extendedKeyUsage,
      skew: inRange(options.clockSkewSeconds ?? 0, 0, 3600, `${option}.clockSkewSeconds`) * 1000,
    };
  }

  validate(path: readonly Certificate[], at: number): ValidatedPath {
    const key = path.length === 1 ? (path[0]?.fingerprint256 ?? "") : path.map((one) => one.fingerprint256).join();
    const cached = this.#cache.get(key);
    let result = cached?.result;
    if (!cached || !result || Math.abs(at - cached.at) > cacheLife || !this.#covers(result, at)) {
      result = this.#validate(path, at);
      this.#cache.set(key, { result, at });
    }
    // Never from the cache: a function may decide otherwise this time.
    if (!result.pinned) this.#requireAllowed(result.certificate);
    return result;
  }

  find(reference: CertificateReference, at: number): Certificate | undefined {
    const matches = referenceTest(reference);
    const found = this.#findable.filter(matches);
    return found.find((certificate) => certificate.isValidAt(at, this.#rules.skew)) ?? found[0];
  }

  #covers({ notBefore, notAfter }: ValidatedPath, at: number): boolean {
    return at >= notBefore - this.#rules.skew && at <= notAfter + this.#rules.skew;
  }

  #validate(path: readonly Certificate[], at: number): ValidatedPath {
    const [leaf, ...hints] = path;
    if (leaf === undefined || path.length > maxPathCertificates) {
      return refusePath({
        code: "ERR_WSS_INVALID_TOKEN",
        reason: `there are ${path.length} certificates where 1 to ${maxPathCertificates} may stand`,
        rule: "WS-Security X.509 Token Profile 1.1 section 3.1",
      });
    }
    if (this.#pinned.has(leaf.fingerprint256)) {
      const fault = leafFault(leaf, this.#rules, at);
      return fault ? refusePath(fault) : validated([leaf], true);
    }
    return validated(this.#findPath(leaf, hints, at), false);
  }

  /** The first path without a fault; where every path has one, the first fault is the answer. */
  #findPath(leaf: Certificate, hints: readonly Certificate[], at: number): readonly Certificate[] {
    let fault: PathFault | undefined;
    for (const path of this.#paths(leaf, [...hints, ...this.#known])) {
      const found = pathFault(path, this.#rules, at);
      if (!found) return path;
      fault ??= found;
    }
    return refusePath(
      fault ?? {
        code: "ERR_WSS_FAILED_CHECK",
        reason: `no trusted authority vouches for the certificate of ${leaf.subject}, issued by ${leaf.issuer}`,
        rule: "RFC 5280 section 6.1",
      },
    );
  }

  /** Every path from the leaf to an authority whose names and signatures hold, authorities first; bounded. */
  *#paths(leaf: Certificate, hints: readonly Certificate[]): Generator<readonly Certificate[]> {
    let steps = 0;
    const open: (readonly Certificate[])[] = [[leaf]];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const last = path[path.length - 1] ?? leaf;
      for (const authority of this.#authorities.get(octetsKey(last.issuerDer)) ?? []) {
        if (++steps > maxSteps) return;
        if (!path.includes(authority) && last.isSignedBy(authority)) yield [...path, authority];
      }
      if (path.length + 1 >= this.#rules.maxPathLength) continue;
      for (const hint of hints) {
        if (hint.subjectName.key !== last.issuerName.key) continue;
        if (++steps > maxSteps) return;
        if (!path.includes(hint) && last.isSignedBy(hint)) open.push([...path, hint]);
      }
    }
  }

  #requireAllowed(leaf: Certificate): void {
    if (this.#issuers && !this.#issuers.has(leaf.issuerName.key)) {
      refusePath({
        code: "ERR_WSS_FAILED_AUTHENTICATION",
        reason: `the certificate of ${leaf.subject} is valid, but ${leaf.issuer} is not among the issuers of this route`,
        rule: "x509.issuers",
      });
    }
    if (!this.#subjects.some((holds) => holds(leaf))) {
      refusePath({
        code: "ERR_WSS_FAILED_AUTHENTICATION",
        reason: `the certificate of ${leaf.subject} is valid, but no subject constraint of this route holds for it`,
        rule: "x509.subjects",
      });
    }
  }
}

function bySubject(authorities: readonly Certificate[]): ReadonlyMap<string, readonly Certificate[]> {
  const map = new Map<string, Certificate[]>();
  for (const authority of authorities) {
    const key = octetsKey(authority.subjectDer);
    map.set(key, [...(map.get(key) ?? []), authority]);
  }
  return map;
}

function validated(path: readonly Certificate[], pinned: boolean): ValidatedPath {
  const [leaf] = path;
  if (!leaf) return refusePath({ code: "ERR_INTERNAL", reason: "a path is empty", rule: "" });
  return Object.freeze({
    certificate: leaf,
    path,
    pinned,
    notBefore: Math.max(...path.map((certificate) => certificate.notBefore)),
    notAfter: Math.min(...path.map((certificate) => certificate.notAfter)),
  });
}

function subjectTest(given: SubjectConstraint, option: string): (certificate: Certificate) => boolean {
  if (typeof given === "function") return (certificate) => given(certificate.subjectName, certificate) === true;
  const wanted = nameKey(given, option);
  return (certificate) => certificate.subjectName.key === wanted;
}

function nameKey(text: string, option: string): string {
  const key = typeof text === "string" && text.trim() !== "" ? nameKeyOfText(text) : undefined;
  return (
    key ??
    fail(
      "ERR_CONFIG_INVALID",
      option,
      `${JSON.stringify(text)} is not a name.`,
      "Write it as CN=orders,O=Example,C=DE.",
    )
  );
}

function loadList(given: readonly CertificateInput[] | undefined, option: string): readonly Certificate[] {
  if (given !== undefined && !Array.isArray(given)) {
    fail("ERR_CONFIG_INVALID", option, "This is not a list.", "Give a list of certificates.");
  }
  return (given ?? []).flatMap((one, index) => Certificate.loadAll(one, `${option}[${index}]`));
}

function inRange(value: number, least: number, most: number, option: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(
    "ERR_CONFIG_INVALID",
    option,
    `${value} is not a whole number from ${least} to ${most}.`,
    "Give such a number.",
  );
}

function octetsKey(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
}

function fail(code: ConfigurationError["code"], option: string, reason: string, remedy: string): never {
  throw new ConfigurationError(code, option, reason, remedy);
}
