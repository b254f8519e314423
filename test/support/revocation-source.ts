import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** What a source answers: octets with status 200, or whatever a listener does. */
export type SourceAnswer = Buffer | RequestListener;

/** A server on loopback that publishes revocation lists, or answers OCSP requests. */
export interface RevocationSource {
  readonly origin: string;
  /** Method and path of every request that came. */
  readonly requests: readonly string[];
  /** What is answered to the octets of a request. */
  respond: (body: Buffer, path: string) => SourceAnswer;
  close(): void;
}

/** Starts a source; it answers 503 until told otherwise. */
export async function startRevocationSource(): Promise<RevocationSource> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = source.respond(Buffer.concat(chunks), request.url ?? "");
    if (Buffer.isBuffer(answer)) response.end(answer);
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const source: RevocationSource = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respond: () => (_request, response) => response.writeHead(503).end(),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return source;
}
