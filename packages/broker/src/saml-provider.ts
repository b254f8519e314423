import {
  attributeNameFormat,
  authenticationMethod,
  authnContextClass,
  Certificate,
  ConfigurationError,
  type ConfirmationContent,
  isCountersignError,
  isSameKeyPair,
  issueAssertion,
  type KeyObject,
  loadPrivateKey,
  refuse,
  requireFittingKey,
  type SamlVersion,
  signatureAlgorithm,
  type UseKey,
  writeAssertionReference,
} from "@countersign/core/sts";
import type { IssuedClaim } from "./claims.js";
import type { BrokerOptions } from "./options.js";
import type { TokenContent, TokenProvider, TokenProviders } from "./token-provider.js";

/** What each version of SAML calls an authentication by password. */
const byPassword: Readonly<Record<SamlVersion, string>> = {
  "2.0": authnContextClass.passwordProtectedTransport,
  "1.1": authenticationMethod.password,
};

/**
 * Issues SAML 2.0 and 1.1 assertions: bearer, or holder-of-key with the requestor's public key.
 * @throws ConfigurationError where key and certificate do not belong together, or either cannot be used
 */
export function createSamlProviders(issuer: string, signing: BrokerOptions["signing"]): TokenProviders {
  const signer = loadSigner(signing);
  return { saml2: samlProvider("2.0", issuer, signer), saml11: samlProvider("1.1", issuer, signer) };
}

function samlProvider(version: SamlVersion, issuer: string, signer: ReturnType<typeof loadSigner>): TokenProvider {
  return {
    issue({ identity, audience, claims, key, lifetime, now }: TokenContent) {
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
            authentication: { instant: now, contextClass: byPassword[version] },
          },
          signer,
        );
        return { xml, id, digest, reference: writeAssertionReference(version, id) };
      });
    },
  };
}

function loadSigner(signing: BrokerOptions["signing"]) {
  const key = loadPrivateKey(signing.key, "signing.key");
  const certificate = Certificate.load(signing.certificate, "signing.certificate");
  const { algorithm } = signing;
  if (!isSameKeyPair(key, certificate.publicKey)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.certificate",
      "The certificate is not for signing.key.",
      "Give the key and its own certificate.",
    );
  }
  if (algorithm !== undefined) requireMethod(algorithm, key);
  return { key, certificate, algorithm };
}

function requireMethod(uri: string, key: KeyObject): void {
  const algorithm = signatureAlgorithm(uri);
  const remedy = "Use one of the key's own family, with SHA-256 or better.";
  if (algorithm === undefined || algorithm.legacy) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.algorithm",
      `${uri} is no signature method for tokens.`,
      remedy,
    );
  }
  try {
    requireFittingKey(algorithm, key);
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "signing.algorithm",
      `It does not fit signing.key: ${error.detail.reason}.`,
      remedy,
    );
  }
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
