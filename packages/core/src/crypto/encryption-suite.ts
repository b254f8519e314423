import { ConfigurationError } from "../errors/index.js";
import { digestAlgorithm, digestUri } from "./algorithms.js";
import { contentCipher } from "./content-cipher.js";
import {
  contentCipherUri,
  keyAgreementUri,
  keyDerivationUri,
  keyTransportUri,
  keyWrapUri,
  maskUri,
} from "./encryption-uris.js";
import { keyAgreement } from "./key-agreement.js";
import { keyTransport } from "./key-transport.js";
import { keyWrap } from "./key-wrap.js";

/** The encryption algorithms that a route accepts and uses: URIs. */
export interface EncryptionSuite {
  /** Content encryption: AES-GCM. A suite whose name says "legacy" may name CBC too; messages are not decrypted with it. */
  readonly content: ReadonlySet<string>;
  /** Key transport: RSAES-OAEP. RSA 1.5 is in no suite and cannot be put into one. */
  readonly keyTransport: ReadonlySet<string>;
  readonly keyWrap: ReadonlySet<string>;
  readonly keyAgreement: ReadonlySet<string>;
  readonly keyDerivation: ReadonlySet<string>;
  /**
   * Digests of RSAES-OAEP and of key derivation. SHA-1 counts for OAEP alone, whose security does not rest on collisions, and
   * where it is what peers send; key derivation never takes it.
   */
  readonly digests: ReadonlySet<string>;
  /** Mask generation functions of RSAES-OAEP: MGF1 with a digest. */
  readonly masks: ReadonlySet<string>;
}

const all = (uris: Readonly<Record<string, string>>): ReadonlySet<string> => new Set(Object.values(uris));

const gcmUris = Object.values(contentCipherUri).filter((uri) => !contentCipher(uri)?.legacy);

/** AES-GCM, RSAES-OAEP, AES key wrap, ECDH-ES and X25519 with ConcatKDF and HKDF. No CBC, no RSA 1.5. */
export const defaultEncryption: EncryptionSuite = Object.freeze({
  content: new Set(gcmUris),
  keyTransport: new Set([keyTransportUri.rsaOaep, keyTransportUri.rsaOaepMgf1p]),
  keyWrap: all(keyWrapUri),
  keyAgreement: all(keyAgreementUri),
  keyDerivation: all(keyDerivationUri),
  digests: all(digestUri),
  masks: all(maskUri),
});

/** The default with other content ciphers and key wraps. */
export function encryptionWith(content: readonly string[], keyWraps: readonly string[]): EncryptionSuite {
  return Object.freeze({ ...defaultEncryption, content: new Set(content), keyWrap: new Set(keyWraps) });
}

/** The encryption algorithms of a suite of the user's own: URIs; a list that is left out is that of the default suite. */
export type SuiteEncryptionOptions = { readonly [Kind in keyof EncryptionSuite]?: readonly string[] };

const known: Readonly<Record<keyof EncryptionSuite, (uri: string) => { readonly legacy?: boolean } | undefined>> = {
  content: contentCipher,
  keyTransport: (uri) => keyTransport(uri) && {},
  keyWrap: (uri) => keyWrap(uri) && {},
  keyAgreement: (uri) => keyAgreement(uri) && {},
  keyDerivation: (uri) => (Object.values(keyDerivationUri).some((one) => one === uri) ? {} : undefined),
  digests: (uri) => digestAlgorithm(uri) && {},
  masks: (uri) => keyTransport(keyTransportUri.rsaOaep, { mask: uri }) && {},
};

/**
 * The encryption part of a suite as an option describes it.
 * @param name The suite's name.
 * @param option Path of the option, for the error.
 * @throws ConfigurationError ERR_CONFIG_INVALID for an unknown URI, RSA 1.5 among them; ERR_CONFIG_INSECURE for CBC in a suite
 * whose name does not say "legacy". An empty list is taken: it allows none of its kind.
 */
export function resolveEncryption(
  name: string,
  given: SuiteEncryptionOptions | undefined,
  option: string,
): EncryptionSuite {
  if (given === undefined) return defaultEncryption;
  const resolved: { -readonly [Kind in keyof EncryptionSuite]: ReadonlySet<string> } = { ...defaultEncryption };
  for (const kind of Object.keys(known) as (keyof EncryptionSuite)[]) {
    const uris = given[kind];
    if (uris === undefined) continue;
    for (const [index, uri] of uris.entries()) {
      const algorithm = known[kind](uri);
      const path = `${option}.${kind}[${index}]`;
      if (algorithm === undefined) {
        throw new ConfigurationError("ERR_CONFIG_INVALID", path, `${uri} is not a known algorithm.`, "Remove it.");
      }
      if (algorithm.legacy && !name.toLowerCase().includes("legacy")) {
        throw new ConfigurationError(
          "ERR_CONFIG_INSECURE",
          path,
          `${uri} lets a stranger change what is encrypted, and read it by asking.`,
          'Use AES-GCM, or give the suite a name that contains "legacy".',
        );
      }
    }
    resolved[kind] = new Set(uris);
  }
  return Object.freeze(resolved);
}
