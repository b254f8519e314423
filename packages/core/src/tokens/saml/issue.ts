import { type Certificate, type KeyObject, randomId, sha256Hex, signatureUriFor } from "../../crypto/index.js";
import { signEnveloped, writeKeyInfo, writeX509Data } from "../../xmlsec/index.js";
import type { AssertionContent } from "./content.js";
import { writeSaml2 } from "./saml2-write.js";
import { writeSaml11 } from "./saml11-write.js";

/** Whose signature an assertion gets. */
export interface AssertionSigner {
  /** The private key. */
  readonly key: KeyObject;
  /** Put into KeyInfo as a hint for relying parties. Default: no KeyInfo. */
  readonly certificate?: Certificate | undefined;
  /** URI of the signature method. Default: the one that goes with the key, with SHA-256. */
  readonly algorithm?: string | undefined;
}

/** A signed assertion: text that stands alone. */
export interface IssuedAssertion {
  readonly xml: string;
  readonly id: string;
  /** SHA-256 of the text, hexadecimal, for audit. */
  readonly digest: string;
}

/**
 * Writes and signs an assertion (SAML 2.0 core sections 2.3.3 and 5.4, SAML 1.1 core sections 2.3.2 and 5.4). Every value is
 * escaped; the text is canonical.
 * @throws ConfigurationError for characters that XML does not have
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM where the key does not go with the algorithm
 * @throws ERR_INTERNAL for content that SAML 1.1 has no words for: a mistake of the caller
 */
export function issueAssertion(
  content: AssertionContent,
  { key, certificate, algorithm = signatureUriFor(key) }: AssertionSigner,
): IssuedAssertion {
  const { lifetime, now = lifetime.created, id = randomId() } = content;
  const { xml: unsigned, behind } = (content.version === "1.1" ? writeSaml11 : writeSaml2)(content, id, now);
  const keyInfo = certificate && writeKeyInfo(writeX509Data({ certificates: [certificate.der] }));
  const xml = signEnveloped(unsigned, { elementId: id, behind, key, algorithm, keyInfo });
  return { xml, id, digest: sha256Hex(xml) };
}
