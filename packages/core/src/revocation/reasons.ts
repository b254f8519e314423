/** What is said where no reason is given. */
export const unspecified = "unspecified";

const reasons: readonly (string | undefined)[] = [
  unspecified,
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  undefined,
  "removeFromCRL",
  "privilegeWithdrawn",
  "aACompromise",
];

/** A CRLReason as RFC 5280 section 5.3.1 names it. Whatever it is, it revokes. */
export function reasonName(code: number): string {
  return reasons[code] ?? unspecified;
}
