import { ConfigurationError, refuse } from "../../errors/index.js";
import { isSymmetric } from "./algorithms.js";
import { readAddress, readKeySet, requestKeySet } from "./key-set.js";
import { type JwtKeySource, select, type VerificationKey } from "./verification-key.js";

/** How a remote key set is kept. Milliseconds. */
export interface RemoteKeySetSettings {
  /** Age at which the keys are read again. Default 600,000. */
  readonly maxAge?: number | undefined;
  /** Least time between two readings that an unknown key id or a failure asks for. Default 30,000. */
  readonly coolDown?: number | undefined;
  /** Age up to which keys serve while the address cannot be read. Default 3,600,000. */
  readonly maxStale?: number | undefined;
  /** Time for one reading, body included. Default 5,000. */
  readonly timeout?: number | undefined;
  /** A clock that never steps back. Default: the process's own. */
  readonly elapsed?: (() => number) | undefined;
}

interface Reading {
  readonly keys: readonly VerificationKey[];
  readonly at: number;
}

/**
 * The keys that an issuer publishes at one configured address (RFC 7517 section 5). Nothing in a token leads to another
 * address. One reading at a time, whoever asks; a failure is remembered for the cool-down, so that an outage costs one
 * request its time-out and not all of them.
 */
export class RemoteKeySet implements JwtKeySource {
  readonly algorithms: ReadonlySet<string>;
  readonly #address: URL;
  readonly #settings: Required<{ [Name in keyof RemoteKeySetSettings]: NonNullable<RemoteKeySetSettings[Name]> }>;
  #last: Reading | undefined;
  #tried = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #pending: Promise<void> | undefined;

  /** @throws ConfigurationError for an address that is not https (or http on loopback), and for symmetric algorithms */
  constructor(address: string | URL, algorithms: ReadonlySet<string>, option: string, settings: RemoteKeySetSettings) {
    this.#address = readAddress(address, option);
    for (const name of algorithms) {
      if (!isSymmetric(name)) continue;
      throw new ConfigurationError(
        "ERR_CONFIG_INSECURE",
        option,
        `${name} takes a secret, and a key set is public.`,
        "Remove the algorithm.",
      );
    }
    this.algorithms = algorithms;
    this.#settings = {
      maxAge: settings.maxAge ?? 600_000,
      coolDown: settings.coolDown ?? 30_000,
      maxStale: settings.maxStale ?? 3_600_000,
      timeout: settings.timeout ?? 5_000,
      elapsed: settings.elapsed ?? (() => performance.now()),
    };
  }

  /** See {@link JwtKeySource.find}. */
  find(algorithm: string, keyId: string | undefined): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    if (this.#last !== undefined && this.#age() < this.#settings.maxAge) {
      const found = select(this.#last.keys, algorithm, keyId);
      if (found.length > 0 || keyId === undefined || (this.#failure === undefined && this.#coolingDown())) return found;
    }
    return this.#findAnew(algorithm, keyId);
  }

  async #findAnew(algorithm: string, keyId: string | undefined): Promise<readonly VerificationKey[]> {
    const reading = this.#pending !== undefined || !this.#coolingDown() ? this.#read() : undefined;
    // In a known outage nobody waits who need not.
    if (this.#failure === undefined || !this.#serves(algorithm, keyId)) await reading;
    if (this.#serves(algorithm, keyId)) return select(this.#last?.keys ?? [], algorithm, keyId);
    // The key may be a new one that we cannot see: that is an outage, not a wrong token.
    if (this.#last === undefined || this.#failure !== undefined) this.#refuseUnavailable();
    return [];
  }

  #serves(algorithm: string, keyId: string | undefined): boolean {
    return (
      this.#last !== undefined &&
      this.#age() < this.#settings.maxStale &&
      select(this.#last.keys, algorithm, keyId).length > 0
    );
  }

  #age(): number {
    return this.#last === undefined ? Number.POSITIVE_INFINITY : this.#settings.elapsed() - this.#last.at;
  }

  #coolingDown(): boolean {
    return this.#settings.elapsed() - this.#tried < this.#settings.coolDown;
  }

  #read(): Promise<void> {
    this.#pending ??= this.#readOnce().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #readOnce(): Promise<void> {
    try {
      const octets = await requestKeySet(this.#address, this.#settings.timeout);
      this.#last = { keys: readKeySet(octets, this.algorithms), at: this.#settings.elapsed() };
      this.#failure = undefined;
    } catch (cause) {
      this.#failure = cause;
    } finally {
      this.#tried = this.#settings.elapsed();
    }
  }

  #refuseUnavailable(): never {
    refuse("ERR_UNAVAILABLE", `the key set at ${this.#address.origin}${this.#address.pathname} cannot be read`, {
      cause: this.#failure,
      rule: "RFC 7517 section 5",
      remedy: "Look at the cause; the address must answer 200 with a JWK set of public keys within the time-out.",
    });
  }
}
