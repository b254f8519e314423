import { Certificate, pemBlocks } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import type { RevocationOptions } from "./options.js";
import { RevocationList } from "./revocation-list.js";
import { RevocationSourceError } from "./source-error.js";

/**
 * Checks what the options say together.
 * @throws ConfigurationError where the mode has nobody to ask, and where something given is never used
 */
export function checkTogether({ mode, crls, signers, fetch }: RevocationOptions, option: string): void {
  if (mode !== "crl" && fetch === undefined) {
    invalid(option, `Mode "${mode}" asks OCSP responders, and nothing may be fetched.`, "Set fetch.allow.");
  }
  if (mode === "crl" && crls === undefined && fetch === undefined) {
    invalid(option, "There is no revocation list, and none may be fetched.", "Give crls, or set fetch.allow.");
  }
  if (mode === "ocsp" && (crls ?? signers) !== undefined) {
    const unused = `${option}.${crls === undefined ? "signers" : "crls"}`;
    invalid(unused, 'Mode "ocsp" reads no revocation lists.', 'Remove it, or set mode to "either".');
  }
  if (mode === "crl" && fetch?.nonce !== undefined) {
    invalid(`${option}.fetch.nonce`, 'Mode "crl" asks no OCSP responders.', "Remove it.");
  }
}

/** Loads the configured lists; a PEM text may hold several. */
export function loadLists(given: RevocationOptions["crls"], option: string): readonly RevocationList[] {
  return (given ?? []).flatMap((one, index) => loadList(one, `${option}[${index}]`));
}

/** Loads the configured signers of lists. */
export function loadSigners(given: RevocationOptions["signers"], option: string): readonly Certificate[] {
  return (given ?? []).map((one, index) => Certificate.load(one, `${option}[${index}]`));
}

function loadList(given: string | Uint8Array, option: string): readonly RevocationList[] {
  const text = typeof given === "string" ? given : Buffer.from(given).toString("latin1");
  const blocks = pemBlocks(text, "X509 CRL");
  const remedy = "Give a complete revocation list as PEM text or DER octets.";
  if (blocks.length === 0 && typeof given === "string") invalid(option, "This is no revocation list.", remedy);
  try {
    return (blocks.length > 0 ? blocks : [Buffer.from(given as Uint8Array)]).map((der) => RevocationList.parse(der));
  } catch (error) {
    if (!(error instanceof RevocationSourceError)) throw error;
    return invalid(option, `The revocation list cannot be used: ${error.message}.`, remedy);
  }
}

function invalid(option: string, reason: string, remedy: string): never {
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, reason, remedy);
}
