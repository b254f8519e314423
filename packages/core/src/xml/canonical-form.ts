/** Which canonical form of XML: the method and its parameters, as a Transform or CanonicalizationMethod names them. */
export interface CanonicalForm {
  /** Exclusive XML Canonicalization 1.0, Canonical XML 1.0, Canonical XML 1.1. */
  readonly method: "exclusive" | "inclusive" | "inclusive11";
  /** Whether comments are part of the form. */
  readonly comments: boolean;
  /** Exclusive only: the InclusiveNamespaces PrefixList. `#default` stands for the default namespace. */
  readonly inclusivePrefixes?: readonly string[];
}

/** Exclusive XML Canonicalization 1.0 without comments: the form to use. */
export const exclusive: CanonicalForm = Object.freeze({ method: "exclusive", comments: false });

/** What to canonicalise, beyond the element. */
export interface CanonicalOptions {
  /** Subtrees to leave out: an enveloped signature. */
  readonly without?: number | readonly number[];
  /** The whole document with the comments around its root element (which must be the element given). */
  readonly document?: boolean;
  /**
   * `refuse`: an attribute known to hold a QName (`xsi:type`, the SOAP encodings' `arrayType` and `itemType`) whose prefix the
   * canonical octets do not bind is refused with ERR_WSS_INVALID_SECURITY: nothing would keep its meaning
   * (Basic Security Profile 1.1, R5405).
   */
  readonly qnames?: "refuse";
}

/** What takes canonical octets piece by piece: a hash. It must not keep the pieces: they are overwritten. */
export interface OctetSink {
  update(octets: Uint8Array): unknown;
}
