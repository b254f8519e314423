import type { KeyObject } from "../../crypto/index.js";
import { fits } from "./algorithms.js";

/** A key to verify with, and what a token's header must say to be verified with it. */
export interface VerificationKey {
  /** A public key, or a shared secret. jose imports it at first use and remembers it by the object's identity. */
  readonly key: KeyObject;
  readonly keyId: string | undefined;
  /** Names of the route's algorithms that go with this key. */
  readonly algorithms: ReadonlySet<string>;
}

/** Where the keys of one issuer come from. A source never looks at a token's own keys or addresses. */
export interface JwtKeySource {
  /** The algorithms allowed. */
  readonly algorithms: ReadonlySet<string>;
  /**
   * The keys that a token with this header may be verified with. For fixed keys the answer is at hand, not a promise.
   * @throws ERR_UNAVAILABLE where the key set cannot be read
   */
  find(algorithm: string, keyId: string | undefined): readonly VerificationKey[] | Promise<readonly VerificationKey[]>;
}

/** The keys that go with an algorithm and, where the token names one, with a key id; keys without an id go with every id. */
export function select(
  keys: readonly VerificationKey[],
  algorithm: string,
  keyId: string | undefined,
): readonly VerificationKey[] {
  return keys.filter(
    (key) => key.algorithms.has(algorithm) && (keyId === undefined || key.keyId === undefined || key.keyId === keyId),
  );
}

/** The allowed algorithms that go with a key which its owner meant for `meant`, or for any. */
export function fitting(key: KeyObject, meant: string | undefined, allowed: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...allowed].filter((name) => (meant === undefined || meant === name) && fits(name, key)));
}
