import { ConfigurationError } from "../errors/index.js";
import { digestAlgorithm, digestUri, signatureAlgorithm, signatureUri } from "./algorithms.js";
import {
  defaultEncryption,
  type EncryptionSuite,
  encryptionWith,
  resolveEncryption,
  type SuiteEncryptionOptions,
} from "./encryption-suite.js";
import { contentCipherUri, keyWrapUri } from "./encryption-uris.js";
import { rsaBits } from "./key-facts.js";

/** The algorithms that a route accepts and uses. */
export interface AlgorithmSuite {
  readonly name: string;
  /** Signature algorithm URIs. */
  readonly signatures: ReadonlySet<string>;
  /** Digest algorithm URIs of References. */
  readonly digests: ReadonlySet<string>;
  /** The least RSA modulus, in bits; never below 2048. */
  readonly minimumRsaBits: number;
  /** Encryption algorithm URIs. */
  readonly encryption: EncryptionSuite;
}

const modernSignatures = Object.values(signatureUri).filter((uri) => !signatureAlgorithm(uri)?.legacy);
const modernDigests = Object.values(digestUri).filter((uri) => !digestAlgorithm(uri)?.legacy);
const { rsaSha1, rsaSha256, hmacSha1, hmacSha256 } = signatureUri;

const suite = (
  name: string,
  signatures: readonly string[],
  digests: readonly string[],
  encryption: EncryptionSuite = defaultEncryption,
): AlgorithmSuite =>
  Object.freeze({
    name,
    signatures: new Set(signatures),
    digests: new Set(digests),
    minimumRsaBits: rsaBits.minimum,
    encryption,
  });

/** SHA-256, SHA-384 and SHA-512 with RSA, RSASSA-PSS, ECDSA and HMAC, and Ed25519. No SHA-1, no CBC. */
export const defaultSuite: AlgorithmSuite = suite("default", modernSignatures, modernDigests);

const sha256Signatures = [rsaSha256, hmacSha256];
const sha1Signatures = [rsaSha1, hmacSha1];
const { aes128Gcm, aes192Gcm, aes256Gcm, aes128Cbc, aes192Cbc, aes256Cbc, tripleDesCbc } = contentCipherUri;

/**
 * The named suites. The names of WS-SecurityPolicy 1.3 section 6.1 stand for what they are used for today: its text fixes
 * SHA-1 signatures and CBC for every suite, so `basic256Sha256` and its like carry SHA-256 signatures, as WCF reads them, and
 * AES-GCM of their key length, and what the text says literally is found under a `legacy` name. Only those name SHA-1 and
 * CBC. Naming CBC opens no message: what is encrypted with it is refused in every suite, and nothing is sent so. `legacyCbc`
 * is the default suite with CBC besides: for encrypted data outside messages, which nobody can send here at will.
 */
export const suites = Object.freeze({
  default: defaultSuite,
  basic128Sha256: suite(
    "basic128Sha256",
    sha256Signatures,
    [digestUri.sha256],
    encryptionWith([aes128Gcm], [keyWrapUri.aes128]),
  ),
  basic192Sha256: suite(
    "basic192Sha256",
    sha256Signatures,
    [digestUri.sha256],
    encryptionWith([aes192Gcm], [keyWrapUri.aes192]),
  ),
  basic256Sha256: suite(
    "basic256Sha256",
    sha256Signatures,
    [digestUri.sha256],
    encryptionWith([aes256Gcm], [keyWrapUri.aes256]),
  ),
  legacyBasic128: suite(
    "legacyBasic128",
    sha1Signatures,
    [digestUri.sha1],
    encryptionWith([aes128Cbc], [keyWrapUri.aes128]),
  ),
  legacyBasic192: suite(
    "legacyBasic192",
    sha1Signatures,
    [digestUri.sha1],
    encryptionWith([aes192Cbc], [keyWrapUri.aes192]),
  ),
  legacyBasic256: suite(
    "legacyBasic256",
    sha1Signatures,
    [digestUri.sha1],
    encryptionWith([aes256Cbc], [keyWrapUri.aes256]),
  ),
  legacyBasic256Sha256: suite(
    "legacyBasic256Sha256",
    sha1Signatures,
    [digestUri.sha256],
    encryptionWith([aes256Cbc], [keyWrapUri.aes256]),
  ),
  legacyTripleDes: suite("legacyTripleDes", sha1Signatures, [digestUri.sha1], encryptionWith([tripleDesCbc], [])),
  legacySha1: suite("legacySha1", Object.values(signatureUri), Object.values(digestUri)),
  legacyCbc: suite(
    "legacyCbc",
    modernSignatures,
    modernDigests,
    encryptionWith(Object.values(contentCipherUri), Object.values(keyWrapUri)),
  ),
}) satisfies Readonly<Record<string, AlgorithmSuite>>;

/** The name of a built-in suite. */
export type SuiteName = keyof typeof suites;

/** A suite of the user's own. */
export interface SuiteOptions {
  /** Must contain "legacy" where a SHA-1 signature or digest is in the suite, or a CBC cipher, which messages still cannot use. */
  readonly name: string;
  /** URIs of signature methods. Default: those of the default suite. */
  readonly signatures?: readonly string[];
  /** URIs of digest methods. Default: those of the default suite. */
  readonly digests?: readonly string[];
  /** Default 2048; may be raised, not lowered. */
  readonly minimumRsaBits?: number;
  /** Encryption algorithms, kind by kind. Default: those of the default suite. */
  readonly encryption?: SuiteEncryptionOptions;
}

/**
 * The suite that an option names or describes; lists that are left out are those of the default suite.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError for an unknown name or URI, an empty list, or SHA-1 or CBC in a suite whose name does not say "legacy".
 */
export function resolveSuite(given: SuiteName | SuiteOptions | undefined, option: string): AlgorithmSuite {
  if (given === undefined) return defaultSuite;
  if (typeof given === "string") {
    if (Object.hasOwn(suites, given)) return suites[given];
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      `There is no algorithm suite "${String(given)}".`,
      `Use one of ${Object.keys(suites).join(", ")}.`,
    );
  }
  const signatures = given.signatures ?? [...defaultSuite.signatures];
  const digests = given.digests ?? [...defaultSuite.digests];
  requireKnown(given.name, signatures, signatureAlgorithm, `${option}.signatures`);
  requireKnown(given.name, digests, digestAlgorithm, `${option}.digests`);
  const minimumRsaBits = given.minimumRsaBits ?? rsaBits.minimum;
  if (!Number.isInteger(minimumRsaBits) || minimumRsaBits < rsaBits.minimum || minimumRsaBits > rsaBits.maximum) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.minimumRsaBits`,
      `${minimumRsaBits} is not a whole number from ${rsaBits.minimum} to ${rsaBits.maximum}.`,
      "The minimum can be raised, never lowered.",
    );
  }
  return Object.freeze({
    name: given.name,
    signatures: new Set(signatures),
    digests: new Set(digests),
    minimumRsaBits,
    encryption: resolveEncryption(given.name, given.encryption, `${option}.encryption`),
  });
}

function requireKnown(
  name: string,
  uris: readonly string[],
  find: (uri: string) => { readonly legacy: boolean } | undefined,
  option: string,
): void {
  if (uris.length === 0)
    throw new ConfigurationError("ERR_CONFIG_INVALID", option, "The list is empty.", "Name at least one algorithm.");
  for (const [index, uri] of uris.entries()) {
    const algorithm = find(uri);
    if (algorithm === undefined) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        `${option}[${index}]`,
        `${uri} is not a known algorithm.`,
        "Remove it.",
      );
    }
    if (algorithm.legacy && !name.toLowerCase().includes("legacy")) {
      throw new ConfigurationError(
        "ERR_CONFIG_INSECURE",
        `${option}[${index}]`,
        `${uri} rests on SHA-1.`,
        'Remove it, or give the suite a name that contains "legacy".',
      );
    }
  }
}
