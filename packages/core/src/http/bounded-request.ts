/** What to ask an address for, and how much may come back. */
export interface BoundedRequest {
  /** Octets to post; without them the address is read. */
  readonly body?: Uint8Array | undefined;
  /** Media type of the body. */
  readonly contentType?: string | undefined;
  /** Media types of the answer. */
  readonly accept: string;
  /** Most octets of the answer, after decompression. */
  readonly maxOctets: number;
  /** Milliseconds, body included. */
  readonly timeout: number;
}

/** An answer that is not used: of another status than 200, or longer than was asked for. */
export type AnswerFault = { readonly kind: "status"; readonly status: number } | { readonly kind: "length" };

/**
 * Asks an address over HTTP: one request, no redirects, a bounded answer in bounded time.
 * @param errorOf Makes the caller's own error of an answer that is not used.
 * @returns the octets of the answer
 * @throws what fetch throws, and what `errorOf` makes
 */
export async function requestOctets(
  address: URL,
  { body, contentType, accept, maxOctets, timeout }: BoundedRequest,
  errorOf: (fault: AnswerFault) => Error,
): Promise<Uint8Array> {
  const response = await fetch(address, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? null : Buffer.from(body),
    redirect: "manual",
    signal: AbortSignal.timeout(timeout),
    headers: { accept, ...(contentType === undefined ? {} : { "content-type": contentType }) },
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw errorOf({ kind: "status", status: response.status });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxOctets) throw errorOf({ kind: "length" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
