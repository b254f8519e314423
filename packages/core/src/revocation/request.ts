import { type AnswerFault, type BoundedRequest, requestOctets } from "../http/index.js";
import { RevocationSourceError } from "./source-error.js";

/** What to ask for, and how much may come back. */
export type SourceRequest = Omit<BoundedRequest, "timeout">;

/** Most requests that are under way at one time. */
const maxInFlight = 50;

/** Asks addresses over HTTP, a bounded number at a time. */
export class SourceRequests {
  readonly #timeout: number;
  #inFlight = 0;

  /** @param timeout Milliseconds for one request, body included. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /**
   * The octets that the address answers with.
   * @throws what fetch throws, or a RevocationSourceError that says what came instead
   */
  async request(address: URL, request: SourceRequest): Promise<Uint8Array> {
    if (this.#inFlight >= maxInFlight) throw new RevocationSourceError(`${maxInFlight} requests are under way`);
    this.#inFlight++;
    try {
      return await this.#send(address, request);
    } finally {
      this.#inFlight--;
    }
  }

  #send(address: URL, request: SourceRequest): Promise<Uint8Array> {
    const errorOf = (fault: AnswerFault) =>
      new RevocationSourceError(
        fault.kind === "status"
          ? `${address.origin} answered with status ${fault.status}`
          : `${address.origin} sent more than ${request.maxOctets} octets`,
      );
    return requestOctets(address, { ...request, timeout: this.#timeout }, errorOf);
  }
}
