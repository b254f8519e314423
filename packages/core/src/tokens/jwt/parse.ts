import { refuse } from "../../errors/index.js";
import { type JsonObject, parseJsonObject } from "./json-object.js";
import { maxClaims, maxHeaderCharacters, maxTokenCharacters } from "./limits.js";

/** A signed JWT as it was sent (RFC 7519, RFC 7515 section 7.1). Nothing in it has been verified. */
export interface JwtSyntax {
  /** The whole token. */
  readonly text: string;
  /** `alg` of the header. */
  readonly algorithm: string;
  /** `kid` of the header: a hint for finding a configured key, and nothing else. */
  readonly keyId: string | undefined;
  /** `typ` of the header. */
  readonly type: string | undefined;
  readonly claims: JsonObject;
  /** `iss`, where it is text: a hint for choosing whose rules and keys to apply. */
  readonly claimedIssuer: string | undefined;
}

/** RFC 6750 section 2.1; the scheme in any case (RFC 9110 section 11.1). */
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * Reads the bearer token of a request (RFC 6750 section 2.1). Tokens in the body or the query are not looked for.
 * @param values The values of the Authorization header, one for each received line.
 * @throws ERR_TOKEN_MISSING where there is none
 * @throws ERR_TOKEN_MALFORMED where there are several, where the scheme is another one, and as {@link parseJwt}
 */
export function parseAuthorization(values: readonly string[]): JwtSyntax {
  const [value, ...others] = values;
  if (value === undefined)
    refuse("ERR_TOKEN_MISSING", "the request has no Authorization header", { rule: "RFC 6750 section 2.1", remedy });
  if (others.length > 0) refuseShape("the request has more than one Authorization header", "RFC 9110 section 11.6.2");
  if (value.length > maxTokenCharacters + "Bearer ".length) refuseTooLong();
  const token = bearer.exec(value)?.[1];
  return parseJwt(token ?? refuseShape("the Authorization header is not Bearer and one token", "RFC 6750 section 2.1"));
}

/**
 * Reads a JWT in JWS compact serialisation: structure only, no trust. Header parameters that bring or point to keys
 * (`jwk`, `jku`, `x5c`, `x5u`) are not even read.
 * @throws ERR_TOKEN_MALFORMED for anything that is not a signed JWT within the limits: encrypted tokens, base64url that is
 * not in its one strict spelling, JSON with duplicate members or too many levels, `crit` and `b64`, which ask for
 * extensions that nobody here understands (RFC 7515 section 4.1.11, RFC 7797 section 6)
 */
export function parseJwt(text: string): JwtSyntax {
  if (text.length > maxTokenCharacters) refuseTooLong();
  const parts = text.split(".", 6);
  if (parts.length === 5) refuseShape("the token is encrypted, which is not supported", "RFC 7516 section 3");
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3 || header === "" || payload === "") {
    refuseShape("the token is not three parts with full stops between them", "RFC 7515 section 7.1");
  }
  if (header.length > maxHeaderCharacters)
    refuseShape(`the header has more than ${maxHeaderCharacters} characters`, "limits");
  const protectedHeader = objectIn(header, "header");
  requireNoExtension(protectedHeader);
  const claims = objectIn(payload, "claims set");
  if (claims.size > maxClaims) refuseShape(`the token has more than ${maxClaims} claims`, "limits");
  decodeBase64Url(signature, "signature");
  const issuer = claims.get("iss");
  return {
    text,
    algorithm: textMember(protectedHeader, "alg") ?? refuseShape("the header has no alg", "RFC 7515 section 4.1.1"),
    keyId: textMember(protectedHeader, "kid"),
    type: textMember(protectedHeader, "typ"),
    claims,
    claimedIssuer: typeof issuer === "string" ? issuer : undefined,
  };
}

function requireNoExtension(header: JsonObject): void {
  for (const name of ["crit", "b64"]) {
    if (header.has(name))
      refuseShape(`the header has ${name}, an extension that is not supported`, "RFC 7515 section 4.1.11");
  }
}

function objectIn(encoded: string, part: string): JsonObject {
  const object = parseJsonObject(decodeBase64Url(encoded, part));
  return typeof object === "string" ? refuseShape(`the ${part} ${object}`, "RFC 7519 section 7.2") : object;
}

function textMember(header: JsonObject, name: string): string | undefined {
  const value = header.get(name);
  return value === undefined || typeof value === "string"
    ? value
    : refuseShape(`${name} in the header is not text`, "RFC 7515 section 4.1");
}

/** Exactly one spelling stands for a value: else a revoked or used token could come back as another text. */
function decodeBase64Url(encoded: string, part: string): Buffer {
  const octets = Buffer.from(encoded, "base64url");
  return octets.toString("base64url") === encoded
    ? octets
    : refuseShape(`the ${part} is not strict base64url`, "RFC 7515 section 2");
}

function refuseTooLong(): never {
  refuseShape(`the token has more than ${maxTokenCharacters} characters`, "limits");
}

function refuseShape(reason: string, rule: string): never {
  refuse("ERR_TOKEN_MALFORMED", reason, { rule, remedy });
}

const remedy = "Send one signed JWT as Authorization: Bearer.";
