import { ConfigurationError, refuse } from "../errors/index.js";
import type { ValidatedToken } from "../identity/index.js";
import {
  type Alternative,
  type JwtOptions,
  type Presentation,
  requireTransport,
  type TokenValidator,
} from "../policy/index.js";
import { withinDeadline } from "../time/index.js";
import { createJwtValidator, type JwtSyntax, parseAuthorization } from "../tokens/jwt/index.js";
import { headerLines } from "./header-lines.js";
import type { ServerRequest } from "./seam.js";

/** A bearer credential that was accepted. */
export interface AcceptedBearer {
  readonly token: ValidatedToken;
  readonly alternative: number;
}

/** The bearer alternatives of a route (RFC 6750 section 2.1: the Authorization header only). */
export interface BearerBinding {
  /** Whether the request presents a credential in its Authorization header. */
  presents(request: ServerRequest): boolean;
  /** Whether a token may have to be reserved against replay. */
  readonly reserves: boolean;
  /**
   * @param when Now in milliseconds since 1970, and in monotonic milliseconds until when callbacks may answer.
   * @throws the ERR_TOKEN_ codes; ERR_WSS_INVALID_SECURITY where the connection is not encrypted; ERR_UNAVAILABLE where keys
   * cannot be had
   */
  verify(request: ServerRequest, when: Pick<Presentation, "now" | "until">): Promise<AcceptedBearer>;
}

/**
 * Compiles the `jwt(...)` alternatives of a route; undefined where it has none.
 * @throws ConfigurationError for two alternatives of one issuer, and as `createJwtValidator`
 */
export function compileBearer(
  accept: readonly Alternative[],
  { skew, insecureTransport }: { readonly skew: number; readonly insecureTransport: boolean },
): BearerBinding | undefined {
  const validators = accept.flatMap((alternative, index) =>
    alternative.kind === "jwt"
      ? [{ index, issuer: alternative.options.issuer, validator: compileJwt(alternative.options, index, skew) }]
      : [],
  );
  if (validators.length === 0) return undefined;
  const issuers = new Set<string>();
  for (const { index, issuer } of validators) {
    if (issuers.has(issuer)) {
      throw new ConfigurationError(
        "ERR_CONFIG_INVALID",
        `accept[${index}].issuer`,
        "Another alternative names the same issuer.",
        "Keep one for each issuer.",
      );
    }
    issuers.add(issuer);
  }
  return {
    reserves: accept.some((alternative) => alternative.kind === "jwt" && alternative.options.oneTime === true),
    presents: ({ headers }) => headerLines(headers, "authorization").length > 0,
    async verify(request, when) {
      requireTransport({ overTransport: true }, { encrypted: request.transport.encrypted || insecureTransport });
      const syntax = parseAuthorization(headerLines(request.headers, "authorization"));
      const found = validators.find(({ issuer }) => issuer === syntax.claimedIssuer) ?? validators[0];
      if (found === undefined) refuse("ERR_INTERNAL", "a bearer binding without validators");
      const { index, validator } = found;
      const validation = validator.validate(syntax, { ...request.transport, ...when });
      const token = await withinDeadline(validation, when.until - performance.now(), `accept[${index}].keys`);
      return { token, alternative: index };
    },
  };
}

function compileJwt(options: JwtOptions, index: number, skew: number): TokenValidator<JwtSyntax> {
  const validator = createJwtValidator({ ...options, skew }, `accept[${index}]`);
  return { validate: (token, { now }) => validator.validate(token, now) };
}
