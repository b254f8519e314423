import { ConfigurationError, refuse } from "../errors/index.js";
import {
  parseUsernameToken,
  type UsernameTokenSyntax,
  type ValidatedUsernameToken,
  validateUsernameToken,
} from "../tokens/username/index.js";
import { coverageOf, type OpenedSecurity, requireEncrypted } from "../wss/index.js";
import type { UsernameTokenOptions } from "./accept.js";
import { bindingSignature } from "./bound-token.js";
import { bounded } from "./bounded.js";
import type { Accepted, CompiledAlternative } from "./evaluate.js";
import {
  type CompiledProtection,
  compileEncryption,
  compileProtection,
  possessionProof,
  requireDecryption,
  requireTransport,
  signatureReplays,
} from "./protection.js";
import type { RouteTrust } from "./route-trust.js";
import type { TokenValidator } from "./token-validator.js";

/** Compiles `usernameToken(...)`. */
export function compileUsername(options: UsernameTokenOptions, index: number, trust: RouteTrust): CompiledAlternative {
  const { verify, secret, digest } = options;
  const option = `accept[${index}]`;
  if (verify === undefined && secret === undefined && digest === undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.verify`,
      "Neither verify nor secret is given, so no password can be checked.",
      "Give verify for clear-text passwords, secret for digests.",
    );
  }
  if (secret !== undefined && digest !== undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.digest`,
      "Two callbacks would decide about digests.",
      "Keep secret, or digest.",
    );
  }
  const protection = usernameProtection(options, option, trust);
  const { encryption, overTransport } = protection;
  const maxAge = (options.maxAgeSeconds ?? 300) * 1000;
  const validator: TokenValidator<UsernameTokenSyntax, ValidatedUsernameToken> = {
    validate: (token, { encrypted, now, until }) =>
      validateUsernameToken(token, {
        verify: bounded(verify, until, `${option}.verify`),
        secret: bounded(secret, until, `${option}.secret`),
        digest: bounded(digest, until, `${option}.digest`),
        maxAge,
        skew: trust.skew,
        issuer: trust.origin,
        encrypted,
        now,
      }),
  };
  return {
    index,
    fit: ({ header }) => (header.usernameTokens.length > 0 ? "proof" : "none"),
    async evaluate(opened, circumstances): Promise<Accepted> {
      requireTransport(protection, circumstances);
      const element = onlyToken(opened);
      const syntax = parseUsernameToken(opened.envelope.document, element);
      const binding = overTransport ? undefined : bindingSignature(opened, element, option);
      const coverage = coverageOf(opened, protection.signed, binding?.signature, overTransport);
      requireEncrypted(opened, encryption, binding?.signature);
      // Where no TLS does, the message itself keeps the password secret.
      const presentation = binding === undefined ? circumstances : { ...circumstances, encrypted: true };
      const token = await validator.validate(syntax, presentation);
      const proving = opened.signatures.filter(({ signer }) => signer.kind === "possession");
      const replay = [...token.replay, ...signatureReplays(opened)];
      const possession = proving.map((signature) => possessionProof(signature, opened));
      const requestKey = binding?.key;
      return { token, proof: token.proof, coverage, alternative: index, replay, possession, requestKey };
    },
  };
}

function usernameProtection(options: UsernameTokenOptions, option: string, trust: RouteTrust): CompiledProtection {
  const { signed, over, encrypted } = options;
  if (over === "transport") {
    if (signed !== undefined) refuseSigned(option);
    return { signed: [], overTransport: true, encryption: compileEncryption(options, option, trust) };
  }
  requireDecryption(trust, option);
  return compileProtection({ signed, encrypted }, option, trust);
}

function refuseSigned(option: string): never {
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    `${option}.signed`,
    "Over the transport a UsernameToken has no key that could sign.",
    'Remove it, or set over: "encrypted-key".',
  );
}

function onlyToken({ envelope, header }: OpenedSecurity): number {
  const [token, second] = header.usernameTokens;
  if (token !== undefined && second === undefined) return token;
  refuse("ERR_WSS_INVALID_SECURITY", "the Security header holds more than one UsernameToken", {
    place: () => envelope.document.place(second ?? header.element),
    rule: "UsernameToken Profile 1.1, 3.1",
    remedy: "Send one UsernameToken.",
  });
}
