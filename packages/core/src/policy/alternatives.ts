import type { CertificateTrust } from "../crypto/index.js";
import type { Alternative } from "./accept.js";
import { compileContext } from "./context-alternative.js";
import type { CompiledAlternative } from "./evaluate.js";
import type { RouteTrust } from "./route-trust.js";
import { compileSaml } from "./saml-alternative.js";
import { compileUsername } from "./username-alternative.js";
import { compileX509 } from "./x509-alternative.js";

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
    if (alternative.kind === "context") {
      alternatives.push(compileContext(alternative.options, index, `accept[${index}]`));
    } else if (alternative.kind === "username") alternatives.push(compileUsername(alternative.options, index, trust));
    else if (alternative.kind !== "jwt") {
      const compiled =
        alternative.kind === "x509"
          ? compileX509(alternative.options, index, trust)
          : compileSaml(alternative, index, trust);
      alternatives.push(compiled);
      if (compiled.signers !== undefined) trusts.push(compiled.signers);
    }
  }
  return { alternatives, trusts };
}
