import {
  attributeNameFormat,
  authenticationMethod,
  authnContextClass,
  ConfigurationError,
  type ConfirmationContent,
  issueAssertion,
  refuse,
  type SamlVersion,
  type UseKey,
  writeAssertionReference,
} from "@countersign/core/sts";
import type { IssuedClaim } from "./claims.js";
import type { TokenSigner } from "./signer.js";
import type { TokenContent, TokenProvider, TokenProviders } from "./token-provider.js";

/** What each version of SAML calls an authentication by password. */
const byPassword: Readonly<Record<SamlVersion, string>> = {
  "2.0": authnContextClass.passwordProtectedTransport,
  "1.1": authenticationMethod.password,
};

/** Issues SAML 2.0 and 1.1 assertions: bearer, or holder-of-key with the requestor's public key. */
export function createSamlProviders(issuer: string, signer: TokenSigner): TokenProviders {
  return { saml2: samlProvider("2.0", issuer, signer), saml11: samlProvider("1.1", issuer, signer) };
}

function samlProvider(version: SamlVersion, issuer: string, signer: TokenSigner): TokenProvider {
  return {
    issue({ identity, audience, claims, key, lifetime, authenticated, now }: TokenContent) {
      return writable(() => {
        const { xml, id, digest } = issueAssertion(
          {
            version,
            issuer,
            subject: { name: identity.name, format: identity.format },
            audience,
            lifetime,
            now,
            confirmation: confirmationOf(key),
            attributes: claims.map(toAttribute),
            authentication: { instant: now, contextClass: authenticated ? byPassword[version] : undefined },
          },
          signer,
        );
        return { xml, id, digest, reference: writeAssertionReference(version, id) };
      });
    },
  };
}

function confirmationOf(key: UseKey | undefined): ConfirmationContent {
  if (key === undefined) return { method: "bearer" };
  if (key.certificate !== undefined) return { method: "holder-of-key", certificate: key.certificate };
  return { method: "holder-of-key", publicKey: key.publicKey };
}

/** Names that are URIs say so (SAML 2.0 Core 8.2.2); SAML 1.1 has no formats of names. */
const toAttribute = ({ type, values }: IssuedClaim) => ({
  name: type,
  nameFormat: type.includes(":") ? attributeNameFormat.uri : attributeNameFormat.basic,
  values,
});

/** What the identity provider says may hold characters that XML does not have: no token then, rather than a changed one. */
function writable<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    refuse("ERR_TRUST_REQUEST_FAILED", `the identity cannot be written: ${cause.message}`, {
      rule: "identityProvider",
      remedy: cause.remedy,
      cause,
    });
  }
}
