import { SignJWT } from "jose";
import { type KeyObject, randomId } from "../../crypto/index.js";
import { ConfigurationError } from "../../errors/index.js";
import type { Lifetime } from "../../time/index.js";
import { fits, jwsAlgorithmNames } from "./algorithms.js";

/** What a JWT says. */
export interface JwtContent {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string | readonly string[];
  /** Becomes `iat`, `nbf` and `exp`, in whole seconds. */
  readonly lifetime: Lifetime;
  /** Further claims; the names of the members above win over theirs. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** `jti`. Default: a fresh one. */
  readonly id?: string | undefined;
}

/** Whose signature a JWT gets. */
export interface JwtSigner {
  /** A private key, or a secret for HS256 and its kin. */
  readonly key: KeyObject;
  /** The JWS algorithm. */
  readonly algorithm: string;
  readonly keyId?: string | undefined;
  /** `typ` of the header. Default `JWT`. */
  readonly type?: string | undefined;
}

/**
 * Writes and signs a JWT in compact serialisation (RFC 7519, RFC 7515 section 3.1).
 * @throws ConfigurationError ERR_CONFIG_INVALID where the key does not go with the algorithm
 */
export async function issueJwt(
  content: JwtContent,
  { key, algorithm, keyId, type = "JWT" }: JwtSigner,
): Promise<string> {
  const { issuer, subject, audience, lifetime, claims, id = randomId("") } = content;
  const payload = {
    ...claims,
    iss: issuer,
    sub: subject,
    aud: typeof audience === "string" ? audience : [...audience],
    iat: Math.floor(lifetime.created / 1000),
    nbf: Math.floor(lifetime.created / 1000),
    exp: Math.floor(lifetime.expires / 1000),
    jti: id,
  };
  const header = { alg: algorithm, typ: type, ...(keyId === undefined ? {} : { kid: keyId }) };
  try {
    if (!fits(algorithm, key)) throw new TypeError(`${algorithm} does not go with the key`);
    return await new SignJWT(payload).setProtectedHeader(header).sign(key);
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      "algorithm",
      `A JWT cannot be signed: ${because}.`,
      `Use the one of ${jwsAlgorithmNames.join(", ")} that goes with the key.`,
    );
  }
}
