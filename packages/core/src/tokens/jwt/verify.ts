import { compactVerify, errors } from "jose";
import { refuse } from "../../errors/index.js";
import { maxTrials } from "./limits.js";
import type { JwtSyntax } from "./parse.js";
import type { JwtKeySource, VerificationKey } from "./verification-key.js";

declare const verified: unique symbol;

/** A JWT whose signature was verified with a configured key of its issuer. Made here only. */
export interface VerifiedJwt extends JwtSyntax {
  readonly [verified]: true;
}

/**
 * Verifies the signature of a JWT (RFC 7515 section 5.2). The algorithm must be on the route's list, the key comes from the
 * source alone, and its type must be that of the algorithm (RFC 8725 sections 3.1 and 3.2).
 * @throws ERR_POLICY_SUITE for an algorithm that the route does not allow, `none` included
 * @throws ERR_TOKEN_SIGNATURE where no key fits, or the signature is wrong
 * @throws ERR_UNAVAILABLE where the issuer's key set cannot be read
 */
export async function verifyJwt(jwt: JwtSyntax, source: JwtKeySource): Promise<VerifiedJwt> {
  if (!source.algorithms.has(jwt.algorithm)) {
    refuse("ERR_POLICY_SUITE", `the token is signed with ${jwt.algorithm}`, {
      rule: "RFC 8725 section 3.1",
      remedy: `Sign with one of ${[...source.algorithms].join(", ")}.`,
    });
  }
  const keys = await source.find(jwt.algorithm, jwt.keyId);
  if (keys.length === 0) refuseSignature("no key of the issuer goes with the token's alg and kid");
  if (keys.length > maxTrials) refuseSignature(`the token has no kid and ${keys.length} keys could have signed it`);
  let cause: unknown;
  for (const key of keys) {
    cause = await faultUnder(key, jwt);
    if (cause === undefined) return jwt as VerifiedJwt;
  }
  refuseSignature("the signature is wrong", cause);
}

async function faultUnder({ key }: VerificationKey, { text, algorithm }: JwtSyntax): Promise<unknown> {
  try {
    await compactVerify(text, key, { algorithms: [algorithm] });
    return undefined;
  } catch (error) {
    // Anything else than a wrong signature is a key that cannot be imported: the cause says so to whoever configured it.
    return error instanceof errors.JWSSignatureVerificationFailed ? "the signature does not hold" : error;
  }
}

function refuseSignature(reason: string, cause?: unknown): never {
  refuse("ERR_TOKEN_SIGNATURE", reason, {
    rule: "RFC 7515 section 5.2",
    remedy: "Sign with a key of the configured issuer and name it by kid.",
    cause: cause instanceof Error ? cause : undefined,
  });
}
