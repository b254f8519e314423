import { Certificate, type CertificateInput } from "../../crypto/index.js";
import { ConfigurationError } from "../../errors/index.js";

/** An issuer of assertions as configuration names it. */
export interface AssertionIssuerOptions {
  /** The exact text of Issuer. */
  readonly name: string;
  /** The certificates that sign for it; several while one replaces the other. Dates count, whoever issued them. */
  readonly certificates: readonly CertificateInput[];
}

/** An issuer of assertions and the certificates that sign for it, and for nobody else by that. */
export interface AssertionIssuer {
  readonly name: string;
  readonly certificates: readonly Certificate[];
}

/** The issuers trusted, by the exact text of Issuer. */
export type AssertionIssuers = ReadonlyMap<string, AssertionIssuer>;

/** Certificates of one issuer: a stranger's assertion in its name costs one verification for each. */
const maxCertificates = 8;

/**
 * Loads the issuers whose assertions are trusted; once, at start.
 * @param option Path of the options, for the error.
 * @throws ConfigurationError for an empty list, a name that is empty or stands twice, and certificates that are missing,
 * too many, or cannot be used
 */
export function createAssertionIssuers(given: readonly AssertionIssuerOptions[], option: string): AssertionIssuers {
  if (given.length === 0)
    invalid(option, "The list is empty, so no assertion could be trusted.", "Name an issuer, or leave the option out.");
  const issuers = new Map<string, AssertionIssuer>();
  for (const [index, { name, certificates }] of given.entries()) {
    const path = `${option}[${index}]`;
    if (typeof name !== "string" || name.trim() === "")
      invalid(`${path}.name`, "It is missing or empty.", "Give the exact text of Issuer.");
    if (issuers.has(name))
      invalid(`${path}.name`, "Another entry has the same name.", "List all certificates of an issuer in one entry.");
    if (!Array.isArray(certificates) || certificates.length === 0 || certificates.length > maxCertificates) {
      invalid(
        `${path}.certificates`,
        "There is no certificate, or too many.",
        `Give 1 to ${maxCertificates} certificates that sign for the issuer.`,
      );
    }
    const loaded = certificates.map((certificate, position) =>
      Certificate.load(certificate, `${path}.certificates[${position}]`),
    );
    issuers.set(name, Object.freeze({ name, certificates: Object.freeze(loaded) }));
  }
  return issuers;
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
