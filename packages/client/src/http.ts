import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { refuse } from "@countersign/core/sts";

/** A request of the client, as its transport gets it. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For the whole exchange, to the last octet of the response. */
  readonly timeoutMilliseconds: number;
  /** Octets of a response body. */
  readonly maxResponse: number;
  readonly signal?: AbortSignal | undefined;
}

/** A response. Redirects are not followed: they are responses like any other. */
export interface HttpResponse {
  readonly status: number;
  /** Names are lower-case; several lines of one name are joined as Node joins them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What carries the client's requests. A request to an `https:` URL goes over TLS, to a server whose certificate was verified. */
export interface HttpTransport {
  /** Rejects where there is no response: with ERR_HTTP_TOO_LARGE for one that is too large, else with what went wrong. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** TLS towards one peer. */
export interface TlsOptions {
  /** Authorities that may have issued the server's certificate, PEM. Default: those of Node. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Client certificate, PEM, where the server asks for one. */
  readonly certificate?: string | Uint8Array | undefined;
  /** The key of `certificate`, PEM. */
  readonly key?: string | Uint8Array | undefined;
}

/** The transport over node:http and node:https, with connections kept alive. */
export class NodeHttpTransport implements HttpTransport {
  readonly #https: HttpsAgent;
  readonly #http = new HttpAgent({ keepAlive: true });

  constructor({ ca, certificate, key }: TlsOptions = {}) {
    const options: AgentOptions = { keepAlive: true, minVersion: "TLSv1.2", rejectUnauthorized: true };
    if (ca !== undefined) options.ca = [ca].flat().map(pem);
    if (certificate !== undefined) options.cert = pem(certificate as string | Uint8Array);
    if (key !== undefined) options.key = pem(key);
    this.#https = new HttpsAgent(options);
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    const { url, method, headers, body, timeoutMilliseconds, maxResponse } = request;
    const encrypted = url.protocol === "https:";
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers: { ...headers, "accept-encoding": "identity", "content-length": String(body.length) },
        agent: encrypted ? this.#https : this.#http,
        signal,
      };
      const onResponse = (response: IncomingMessage) => {
        readBody(response, maxResponse).then(
          (octets) => resolve({ status: response.statusCode ?? 0, headers: flatten(response), body: octets }),
          (error: unknown) => {
            response.destroy();
            reject(error as Error);
          },
        );
      };
      const outgoing = encrypted ? httpsRequest(url, options, onResponse) : httpRequest(url, options, onResponse);
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#https.destroy();
    this.#http.destroy();
  }
}

async function readBody(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) refuse("ERR_HTTP_TOO_LARGE", `the response has more than ${limit} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatten({ headers }: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat[name] = [value].flat().join(", ");
  return flat;
}

const pem = (given: string | Uint8Array): string | Buffer => (typeof given === "string" ? given : Buffer.from(given));
