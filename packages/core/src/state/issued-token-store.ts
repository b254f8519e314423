/** What a broker remembers of a token that it issued. A store keeps it as it is and reads nothing of `content`. */
export interface IssuedTokenRecord {
  /** SHA-256, hex, over issuer and token id: what the record is found by. */
  readonly key: string;
  /** What was issued, for whom and on which terms; at most 64 KiB of text. Never the token, never a secret. */
  readonly content: string;
  /** Milliseconds since 1970 until when the record is needed: the end of the token, and of the time in which it may be renewed. */
  readonly until: number;
}

/** What a store knows of a token. */
export interface StoredToken extends IssuedTokenRecord {
  readonly revoked: boolean;
}

type Answer<T> = T | Promise<T>;

/**
 * Keeps records of issued tokens for every node of a broker. Each call is atomic. A store is bounded: a full one answers
 * `unavailable`, and forgets no record that is still needed. A throw or a rejection counts as `unavailable`.
 */
export interface IssuedTokenStore {
  /** Keeps a new record. `refused` where the key is known already. */
  add(record: IssuedTokenRecord): Answer<"done" | "refused" | "unavailable">;
  find(key: string): Answer<StoredToken | "unknown" | "unavailable">;
  /** Marks a token as revoked until its record is forgotten; again is no mistake. */
  revoke(key: string): Answer<"done" | "unknown" | "unavailable">;
  close?(): Promise<void> | void;
}
