import type { allowInsecureTransport } from "@countersign/core/sts";

/** Where Redis is and how long it may take. Checked at start. */
export interface RedisOptions {
  /** `rediss://host:port`, or `redis://` on loopback; user, password and database may stand in it. */
  readonly url: string;
  /** User and password, where they do not stand in the URL. */
  readonly username?: string | undefined;
  /** See `username`. */
  readonly password?: string | undefined;
  /** TLS towards Redis, as `node:tls` takes it; its certificate is always checked. */
  readonly tls?:
    | {
        readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
        readonly cert?: string | Uint8Array | undefined;
        readonly key?: string | Uint8Array | undefined;
        /** The name that the certificate must be for. Default: the host of the URL. */
        readonly servername?: string | undefined;
      }
    | undefined;
  /**
   * What every key begins with, 1 to 64 characters of `A-Z a-z 0-9 . _ -`: nodes that share it share everything. Default
   * `countersign`.
   */
  readonly prefix?: string | undefined;
  /** What one call may take, in milliseconds. One that is not answered is asked once more on a new connection. Default 250. */
  readonly timeoutMilliseconds?: number | undefined;
  /**
   * The largest difference between the clocks of senders, nodes and Redis, in seconds. Entries live that much longer, and
   * what was made within it around a loss of memory is refused. Default 60, which is how far ahead guards let senders be.
   */
  readonly clockDifferenceSeconds?: number | undefined;
  /** On how many replicas a change must be before it counts. Default 0: what the primary alone knew is lost with it. */
  readonly replicas?: number | undefined;
  /** Sends what is kept there, secrets included, over connections without TLS. For networks that nobody else can read. */
  readonly [allowInsecureTransport]?: boolean | undefined;
}
