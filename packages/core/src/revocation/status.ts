import type { Certificate } from "../crypto/index.js";

/** Whose status is asked for. */
export interface StatusQuestion {
  readonly certificate: Certificate;
  /** The authority that issued it, then those above it. */
  readonly issuers: readonly [Certificate, ...Certificate[]];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a source says of a certificate. */
export type CertificateStatus =
  | { readonly kind: "good" }
  | { readonly kind: "revoked"; readonly at: number; readonly reason: string }
  /** The responder answers for the issuer and does not know the certificate. */
  | { readonly kind: "unknown" }
  /** There is nobody to ask. */
  | { readonly kind: "unasked"; readonly reason: string }
  /** There is somebody to ask, and no answer that can be used. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly cause?: unknown };

/** The statuses that settle the matter. */
export function isSettled({ kind }: CertificateStatus): boolean {
  return kind === "good" || kind === "revoked";
}
