import { loadKeys, resolveAlgorithms } from "./fixed-keys.js";
import type { JwksAddress, JwtKeys } from "./keys.js";
import { RemoteKeySet, type RemoteKeySetSettings } from "./remote-key-set.js";
import { type JwtKeySource, select } from "./verification-key.js";

/**
 * Makes the key source of one issuer; all configuration is checked here.
 *
 * | `keys` | Behaviour |
 * |---|---|
 * | fixed keys | loaded once, now |
 * | `{ jwks }` | read at first use and every 10 minutes; an unknown `kid` reads it again, at most every 30 s; while it cannot be read, keys up to 1 h old go on serving, then ERR_UNAVAILABLE |
 *
 * @param algorithms JWS algorithms allowed. Default: all with a public key.
 * @param option Path of the options of the route, for the error, for example `accept[0]`.
 * @throws ConfigurationError for keys, addresses or algorithms that cannot be used or do not go together
 */
export function createJwtKeySource(
  keys: JwtKeys,
  algorithms: readonly string[] | undefined,
  option: string,
  settings: RemoteKeySetSettings = {},
): JwtKeySource {
  const allowed = resolveAlgorithms(algorithms, `${option}.algorithms`);
  if (isAddress(keys)) return new RemoteKeySet(keys.jwks, allowed, `${option}.keys.jwks`, settings);
  const loaded = loadKeys(keys, allowed, `${option}.keys`);
  return { algorithms: allowed, find: (algorithm, keyId) => select(loaded, algorithm, keyId) };
}

function isAddress(keys: JwtKeys): keys is JwksAddress {
  return typeof keys === "object" && keys !== null && "jwks" in keys;
}
