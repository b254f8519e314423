import { isCountersignError, refuse } from "@countersign/core/sts";
import {
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { BusyError, ResultCodeError, UnavailableError } from "ldapts";
import { DirectoryConnection } from "./directory-connection.js";
import type { LdapOptions } from "./options.js";

/** A server that failed this often in a row is left alone for a while: nobody waits for it in vain. */
const failures = 3;
const restMilliseconds = 5_000;

/** Whether it is the server that fails. One that answers with a result code serves: a requestor's name may be the cause. */
const serverFails = handleWhen(
  (error) =>
    !isCountersignError(error) &&
    (!(error instanceof ResultCodeError) || error instanceof BusyError || error instanceof UnavailableError),
);

/** The servers of one directory, tried in the order given; those that fail are left alone for five seconds. */
export class DirectoryServers {
  readonly #servers: readonly { readonly url: string; readonly breaker: CircuitBreakerPolicy }[];
  readonly #connections: BulkheadPolicy;
  readonly #options: LdapOptions;
  readonly #milliseconds: number;

  constructor(options: LdapOptions) {
    const { url, timeoutSeconds = 5, maxConnections = 32 } = options;
    this.#options = options;
    this.#milliseconds = timeoutSeconds * 1000;
    this.#connections = bulkhead(maxConnections, maxConnections);
    this.#servers = [url].flat().map((text) => ({
      url: text,
      breaker: circuitBreaker(serverFails, {
        halfOpenAfter: restMilliseconds,
        breaker: new ConsecutiveBreaker(failures),
      }),
    }));
  }

  /**
   * Does some work on a connection of its own.
   * @throws ERR_UNAVAILABLE where no server does it in time, with what the last one said as its cause; what the work refuses
   */
  async use<T>(work: (connection: DirectoryConnection) => Promise<T>): Promise<T> {
    try {
      return await this.#connections.execute(() => this.#try(work));
    } catch (cause) {
      if (isCountersignError(cause)) throw cause;
      refuse("ERR_UNAVAILABLE", `the directory does not serve: ${reasonOf(cause)}`, { cause });
    }
  }

  async #try<T>(work: (connection: DirectoryConnection) => Promise<T>): Promise<T> {
    let last: unknown;
    // Each server gets its part of the time: the requestor waits once, and a silent server leaves some for the next.
    const share = this.#milliseconds / this.#servers.length;
    for (const { url, breaker } of this.#servers) {
      try {
        return await breaker.execute(() => this.#at(url, work, share));
      } catch (error) {
        if (isCountersignError(error)) throw error;
        last = error;
      }
    }
    throw last;
  }

  async #at<T>(url: string, work: (connection: DirectoryConnection) => Promise<T>, share: number): Promise<T> {
    const connection = new DirectoryConnection(url, this.#options, share);
    try {
      return await timeout(share, TimeoutStrategy.Aggressive).execute(() => work(connection));
    } finally {
      connection.close();
    }
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
