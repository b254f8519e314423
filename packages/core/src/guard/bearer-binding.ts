import { ConfigurationError, refuse } from "../errors/index.js";
import type { ValidatedToken } from "../identity/index.js";
import type { Alternative, JwtOptions, TokenValidator } from "../policy/index.js";
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
  /** @throws the ERR_TOKEN_ codes; ERR_UNAVAILABLE where keys cannot be had */
  verify(request: ServerRequest, now: number): Promise<AcceptedBearer>;
}

/** Compiles the `jwt(...)` alternatives of a route; undefined where it has none. */
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
    presents: ({ headers }) => headerLines(headers, "authorization").length > 0,
    async verify(request, now) {
      if (!request.transport.encrypted && !insecureTransport) {
        refuse("ERR_WSS_INVALID_SECURITY", "the bearer token came over an unencrypted connection", {
          rule: 'accept[].over = "transport"',
          remedy: "Call over TLS. Behind a proxy that ends TLS, name the proxy in the adapter's proxy option.",
        });
      }
      const syntax = parseAuthorization(headerLines(request.headers, "authorization"));
      const found = validators.find(({ issuer }) => issuer === syntax.claimedIssuer) ?? validators[0];
      if (found === undefined) refuse("ERR_INTERNAL", "a bearer binding without validators");
      const token = await found.validator.validate(syntax, { ...request.transport, now });
      return { token, alternative: found.index };
    },
  };
}

function compileJwt(options: JwtOptions, index: number, skew: number): TokenValidator<JwtSyntax> {
  const validator = createJwtValidator({ ...options, skew }, `accept[${index}]`);
  return { validate: (token, { now }) => validator.validate(token, now) };
}
