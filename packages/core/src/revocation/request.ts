import { RevocationSourceError } from "./source-error.js";

/** What to ask for, and how much may come back. */
export interface SourceRequest {
  /** Octets to post; without them the address is read. */
  readonly body?: Uint8Array | undefined;
  /** Media type of the body. */
  readonly contentType?: string | undefined;
  /** Media type of the answer. */
  readonly accept: string;
  readonly maxOctets: number;
}

/** Most requests that are under way at one time. */
const maxInFlight = 50;

/** Asks addresses over HTTP: no redirects, a bounded answer in bounded time, a bounded number at a time. */
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

  async #send(address: URL, { body, contentType, accept, maxOctets }: SourceRequest): Promise<Uint8Array> {
    const response = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? null : Buffer.from(body),
      redirect: "manual",
      signal: AbortSignal.timeout(this.#timeout),
      headers: { accept, ...(contentType === undefined ? {} : { "content-type": contentType }) },
    });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new RevocationSourceError(`${address.origin} answered with status ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body) {
      length += chunk.length;
      if (length > maxOctets) throw new RevocationSourceError(`${address.origin} sent more than ${maxOctets} octets`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}
