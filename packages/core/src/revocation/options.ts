/** From where revocation answers may be fetched, and how. */
export interface RevocationFetchOptions {
  /**
   * Origins that may be asked, for example `http://crl.example` (answers are signed, so `http:` is usual). Certificates name
   * the address (CRL distribution points, authority information access); one of another origin is never asked.
   */
  readonly allow: readonly string[];
  /** Time for one request, body included. Default 2,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /**
   * Age at which an answer is asked for again, in the background and up to a fifth earlier. It serves until its own nextUpdate
   * while the source is down. An OCSP answer without nextUpdate serves for this long from its thisUpdate. Default 3,600.
   */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * Sends a nonce with OCSP requests, and takes no answer without it (RFC 9654): no recorded answer can be played back.
   * Default false, since most public responders sign their answers in advance.
   */
  readonly nonce?: boolean | undefined;
}

/**
 * Whether certificates that sign messages are still good (RFC 5280 section 6.3, RFC 6960).
 *
 * | `mode` | asks |
 * |---|---|
 * | – | nobody: a certificate counts until it expires |
 * | `"crl"` | revocation lists: `crls`, then those at the addresses that certificates name |
 * | `"ocsp"` | the responders that certificates name |
 * | `"either"` | a list that is at hand, else a responder, else a list that must be fetched |
 *
 * Every certificate of a path is asked for but the authority that ends it, and certificates trusted by being listed. Where
 * nobody can tell, the message is refused.
 */
export interface RevocationOptions {
  /** Who is asked: see the table. */
  readonly mode: "crl" | "ocsp" | "either";
  /** Revocation lists, PEM or DER, at most 10 MiB each. One that is past its nextUpdate is of no use any more. */
  readonly crls?: readonly (string | Uint8Array)[] | undefined;
  /**
   * Certificates that sign revocation lists in an authority's name with another key than its own: of the authority's subject,
   * with key usage cRLSign, issued by the authority or by the one above it.
   */
  readonly signers?: readonly (string | Uint8Array)[] | undefined;
  /** Lets answers be fetched. Default: nothing is fetched. */
  readonly fetch?: RevocationFetchOptions | undefined;
  /**
   * Accepts a certificate although nobody can tell, and says so in the audit record, which must then be configured. A
   * certificate known to be revoked is refused all the same. Default false; warned about at start.
   */
  readonly softFail?: boolean | undefined;
}
