import { isCountersignError, type ResponseContent, refuse } from "@countersign/core/sts";
import {
  type BulkheadPolicy,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  wrap,
} from "cockatiel";
import type { BrokerExchange, TokenOperation, TokenRequest } from "./broker-exchange.js";
import { askCredentials } from "./credentials.js";
import type { IssuedToken } from "./issued-token.js";
import type { Credentials, CredentialsCallback } from "./options.js";

/** A broker that could not be reached this often in a row is left alone for a while: nobody waits for it in vain. */
const failures = 3;
const restMilliseconds = 5_000;
/** Requests under way at one broker, and those that wait for one of them to end. */
const maxInFlight = 50;
const maxWaiting = 200;

const isUnreachable = (error: unknown) => isCountersignError(error) && error.code === "ERR_STS_UNREACHABLE";

/**
 * The brokers that a client's tokens may come from, in order of preference. Only one that cannot be reached, or says that
 * it is not available, is passed over: what a broker decides is decided.
 */
export class Brokers {
  readonly #credentials: CredentialsCallback;
  readonly #brokers: readonly Broker[];

  constructor(exchanges: readonly BrokerExchange[], credentials: CredentialsCallback) {
    this.#credentials = credentials;
    this.#brokers = exchanges.map((exchange) => new Broker(exchange));
  }

  /**
   * Asks for one token. The requestor is asked for credentials once, however many brokers are tried.
   * @throws what the last broker that was tried answers: ERR_STS_UNREACHABLE, ERR_STS_FAULT, ERR_STS_RESPONSE_INVALID;
   * ERR_UNAVAILABLE where too many requests are under way; what the credentials callback rejects with
   */
  request(asked: TokenRequest): Promise<IssuedToken> {
    return this.#first((exchange, credentials) => exchange.request(asked, credentials));
  }

  /**
   * Asks for something about a token that was issued before; whoever answers must know the token.
   * @throws as {@link Brokers.request}
   */
  operate(operation: TokenOperation, token: string): Promise<ResponseContent> {
    return this.#first((exchange, credentials) => exchange.operate(operation, token, credentials));
  }

  async #first<T>(work: (exchange: BrokerExchange, credentials: Credentials) => Promise<T>): Promise<T> {
    const credentials = await askCredentials(this.#credentials);
    let last: unknown;
    for (const broker of this.#brokers) {
      try {
        return await broker.request((exchange) => work(exchange, credentials));
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        last = error;
      }
    }
    throw last;
  }
}

/** One of them. */
class Broker {
  readonly #exchange: BrokerExchange;
  readonly #bulkhead: BulkheadPolicy = bulkhead(maxInFlight, maxWaiting);
  readonly #policy = wrap(
    this.#bulkhead,
    circuitBreaker(handleWhen(isUnreachable), {
      halfOpenAfter: restMilliseconds,
      breaker: new ConsecutiveBreaker(failures),
    }),
  );

  constructor(exchange: BrokerExchange) {
    this.#exchange = exchange;
  }

  async request<T>(work: (exchange: BrokerExchange) => Promise<T>): Promise<T> {
    try {
      return await this.#policy.execute(() => work(this.#exchange));
    } catch (cause) {
      if (cause instanceof BulkheadRejectedError) {
        refuse("ERR_UNAVAILABLE", `${maxInFlight} requests to the broker are under way, and ${maxWaiting} wait`, {
          cause,
        });
      }
      if (isBrokenCircuitError(cause)) {
        const reason = `the broker at ${this.#exchange.url.href} could not be reached ${failures} times, and is left alone for a while`;
        refuse("ERR_STS_UNREACHABLE", reason, { cause });
      }
      throw cause;
    }
  }
}
