/** One statement about the subject, by an issuer. */
export interface Claim {
  /** The claim's type: a SAML attribute name (SAML 1.1: AttributeNamespace, a slash, AttributeName), or a JWT claim name. */
  readonly type: string;
  /** Its values, in the order of the token. */
  readonly values: readonly string[];
  readonly issuer: string;
}

/** The verified claims of a request. Look-ups compare exact text. */
export class ClaimSet implements Iterable<Claim> {
  readonly #byType: ReadonlyMap<string, readonly Claim[]>;
  readonly #all: readonly Claim[];

  constructor(claims: Iterable<Claim>) {
    const byType = new Map<string, Claim[]>();
    this.#all = [...claims];
    for (const claim of this.#all) {
      const known = byType.get(claim.type);
      if (known) known.push(claim);
      else byType.set(claim.type, [claim]);
    }
    this.#byType = byType;
  }

  /** All values of a claim type, in token order; empty where the claim is absent. */
  values(type: string): readonly string[] {
    return this.#byType.get(type)?.flatMap((claim) => claim.values) ?? [];
  }

  /** The first value of a claim type. */
  value(type: string): string | undefined {
    return this.#byType.get(type)?.[0]?.values[0];
  }

  /** Whether the claim is present, with this value where one is given. */
  has(type: string, value?: string): boolean {
    return value === undefined ? this.#byType.has(type) : this.values(type).includes(value);
  }

  [Symbol.iterator](): Iterator<Claim> {
    return this.#all[Symbol.iterator]();
  }
}

/** The empty claim set, shared. */
export const noClaims: ClaimSet = new ClaimSet([]);
