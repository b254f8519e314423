/** A token that holds as far as the service can tell alone, as it is shown to whoever issued it. */
export interface PresentedToken {
  readonly kind: "saml2" | "saml11" | "jwt";
  /** Name of its issuer. */
  readonly issuer: string;
  /** Its ID, AssertionID or `jti`, where it has one. */
  readonly id: string | undefined;
  /** The token itself: XML text that stands alone, or the JWT's compact form. */
  readonly text: string;
}

/** Tells whether a token is good at this moment: the issuer, or somebody who knows what became of its tokens. */
export interface TokenStatusSource {
  /**
   * Asked only about tokens whose signature, life and audience were found right.
   * @returns anything but `valid` refuses the token; a rejection or throw is an outage (503)
   */
  statusOf(token: PresentedToken): "valid" | "invalid" | Promise<"valid" | "invalid">;
}
