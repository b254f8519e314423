/** A token that a broker issued. It is a secret where it is a bearer token: whoever has it can use it. */
export interface IssuedToken {
  /** XML text, as it goes into messages. */
  readonly xml: string;
  /** Its ID, where it can be read. */
  readonly id: string | undefined;
  readonly appliesTo: string;
  readonly keyType: "bearer" | "public-key";
  /** End of its life, milliseconds since 1970; undefined where the broker did not say: then it is used once. */
  readonly expires: number | undefined;
  /** A wsse:SecurityTokenReference to it for messages that carry it. */
  readonly attachedReference: string | undefined;
}
