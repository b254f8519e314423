import { type Certificate, keyUsageBit } from "../crypto/index.js";
import type { StatusQuestion } from "./status.js";

/** Whose keys may sign revocation lists (RFC 5280 section 6.3.3 (f)). */
export class ListSigners {
  readonly #configured: readonly Certificate[];
  readonly #skew: number;
  /** Who vouches for a configured signer: one signature to verify for each pair. */
  readonly #vouching = new WeakMap<Certificate, Map<Certificate, boolean>>();

  /**
   * @param configured Signers beside the authorities.
   * @param skew Milliseconds allowed at both ends of a signer's validity.
   */
  constructor(configured: readonly Certificate[], skew: number) {
    this.#configured = configured;
    this.#skew = skew;
  }

  /** For the question's certificate: its issuer, and configured signers in the issuer's name. */
  of({ issuers, now }: StatusQuestion): readonly Certificate[] {
    const [issuer] = issuers;
    const { keyUsage } = issuer.extensions;
    const own = keyUsage === undefined || keyUsage.has(keyUsageBit.cRLSign) ? [issuer] : [];
    // The issuer itself, or the authority that vouches for the issuer, vouches for the signer.
    const vouching = issuers.slice(0, 2);
    const delegated = this.#configured.filter(
      (signer) =>
        Buffer.compare(signer.subjectDer, issuer.subjectDer) === 0 &&
        signer.extensions.keyUsage?.has(keyUsageBit.cRLSign) === true &&
        signer.extensions.unknownCritical.length === 0 &&
        signer.isValidAt(now, this.#skew) &&
        vouching.some((authority) => this.#vouches(authority, signer)),
    );
    return [...own, ...delegated];
  }

  #vouches(authority: Certificate, signer: Certificate): boolean {
    const known = this.#vouching.get(authority) ?? new Map<Certificate, boolean>();
    this.#vouching.set(authority, known);
    const verdict = known.get(signer) ?? signer.isSignedBy(authority);
    known.set(signer, verdict);
    return verdict;
  }
}
