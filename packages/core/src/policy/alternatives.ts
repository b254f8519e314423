import type { Certificate, CertificateTrust } from "../crypto/index.js";
import type { AssertionIssuers } from "../tokens/saml/index.js";
import type { Alternative } from "./accept.js";
import type { CompiledAlternative } from "./evaluate.js";
import { compileSaml2 } from "./saml2-alternative.js";
import { compileUsername } from "./username-alternative.js";
import { compileX509 } from "./x509-alternative.js";

/** What all alternatives of a route share, compiled from its trust options. */
export interface RouteTrust {
  /** From `trust.issuers`; undefined where none is configured. */
  readonly issuers: AssertionIssuers | undefined;
  /** From `trust.authorities`. */
  readonly authorities: readonly Certificate[];
  /** From `trust.certificates`. */
  readonly certificates: readonly Certificate[];
  /** Milliseconds. */
  readonly skew: number;
  /** Milliseconds that a callback may take. */
  readonly deadline: number;
  /** The route's origin: who vouches for passwords here. */
  readonly origin: string;
}

/** An alternative that lets certificates sign. */
export interface SignedAlternative extends CompiledAlternative {
  /** Whose certificates may sign for this alternative; undefined where only keys confirmed by an assertion may. */
  readonly signers: CertificateTrust | undefined;
}

/** The message alternatives of a route, compiled, and what opening a header needs to know of them. */
export interface CompiledAlternatives {
  readonly alternatives: readonly CompiledAlternative[];
  /** Every trust through which a signing certificate may be found, attesters included. */
  readonly trusts: readonly CertificateTrust[];
}

/**
 * Compiles the message alternatives of a route (JWT is not in a message).
 * @throws ConfigurationError for what can never be satisfied, and for what would be insecure
 */
export function compileAlternatives(accept: readonly Alternative[], trust: RouteTrust): CompiledAlternatives {
  const alternatives: CompiledAlternative[] = [];
  const trusts: CertificateTrust[] = [];
  for (const [index, alternative] of accept.entries()) {
    if (alternative.kind === "username") alternatives.push(compileUsername(alternative.options, index, trust));
    else if (alternative.kind !== "jwt") {
      const compiled =
        alternative.kind === "x509"
          ? compileX509(alternative.options, index, trust)
          : compileSaml2(alternative.options, index, trust);
      alternatives.push(compiled);
      if (compiled.signers !== undefined) trusts.push(compiled.signers);
    }
  }
  return { alternatives, trusts };
}
