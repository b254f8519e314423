import { ConfigurationError } from "../../errors/index.js";
import { createJwtKeySource } from "./key-source.js";
import type { JwtKeys } from "./keys.js";
import type { JwtSyntax } from "./parse.js";
import type { RemoteKeySetSettings } from "./remote-key-set.js";
import { type JwtRules, type ValidatedJwt, validateJwt } from "./validate.js";
import { verifyJwt } from "./verify.js";

/** What a route says about the JWTs of one issuer. */
export interface JwtValidatorOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly keys: JwtKeys;
  /** Default: all JWS algorithms with a public key. */
  readonly algorithms?: readonly string[] | undefined;
  /** Demanded `typ`. Default: `JWT`, `at+jwt` or none. */
  readonly type?: string | undefined;
  /** Accepts every token once only. Default false. */
  readonly oneTime?: boolean | undefined;
  /** Oldest `iat` accepted, in seconds. Default: not limited. */
  readonly maxAgeSeconds?: number | undefined;
  /** What the issuer's clock may differ from ours, in milliseconds. Default 5,000. */
  readonly skew?: number | undefined;
}

/** Verifies and decides, for one issuer. */
export interface JwtValidator {
  /**
   * @param now Milliseconds since 1970.
   * @throws as `verifyJwt` and `validateJwt`
   */
  validate(jwt: JwtSyntax, now: number): Promise<ValidatedJwt>;
}

/**
 * Makes the validator of one issuer's tokens; keys that configuration holds are loaded now, once.
 * @param option Path of the options, for the error, for example `accept[0]`.
 * @throws ConfigurationError for options that are missing, unusable or do not go together
 */
export function createJwtValidator(
  options: JwtValidatorOptions,
  option: string,
  settings?: RemoteKeySetSettings,
): JwtValidator {
  const { issuer, audience, keys, algorithms, type, oneTime, maxAgeSeconds, skew } = options;
  const audiences = typeof audience === "string" ? [audience] : [...(audience ?? [])];
  requireTexts([issuer], `${option}.issuer`, "the exact iss of the issuer's tokens");
  requireTexts(audiences, `${option}.audience`, "the exact aud that names this service");
  if (maxAgeSeconds !== undefined && !(Number.isFinite(maxAgeSeconds) && maxAgeSeconds > 0)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      `${option}.maxAgeSeconds`,
      "This is no positive number.",
      "Give seconds, or leave it out.",
    );
  }
  const source = createJwtKeySource(keys, algorithms, option, settings);
  const maxAge = maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000;
  const rules: JwtRules = { issuer, audience: audiences, type, oneTime, maxAge, skew };
  return {
    async validate(jwt, now) {
      return validateJwt(await verifyJwt(jwt, source), rules, now);
    },
  };
}

function requireTexts(given: readonly unknown[], option: string, wanted: string): void {
  if (given.length > 0 && given.every((text) => typeof text === "string" && text !== "")) return;
  throw new ConfigurationError("ERR_CONFIG_INVALID", option, "It is missing or empty.", `Give ${wanted}.`);
}
