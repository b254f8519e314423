import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Arrival, createServing, writeAnswer } from "@countersign/core/adapter";
import { ConfigurationError, type PemOrDer } from "@countersign/core/sts";
import type { Broker } from "./broker.js";

/** How a broker is served without a framework. */
export interface ServeOptions {
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Key and certificate chain of the server, PEM. Without it the broker must allow insecure transport, and be on loopback. */
  readonly tls?: { readonly key: string | Uint8Array; readonly certificate: PemOrDer } | undefined;
}

/** A broker that listens. */
export interface ServedBroker {
  /** Where it listens: scheme, host, port and path. */
  readonly url: string;
  /** Stops listening and ends idle connections; resolves when requests under way are answered. The broker is closed too. */
  close(): Promise<void>;
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** Time for a whole request to come in, in milliseconds. */
const requestTimeout = 15_000;

/**
 * Serves a broker over HTTPS on its own. Other paths than the broker's get 404.
 * @throws ConfigurationError where TLS is missing and the broker does not allow insecure transport on loopback; rejects
 * with Node's own error where the port cannot be had
 */
export async function serve(broker: Broker, { port, host = "127.0.0.1", tls }: ServeOptions): Promise<ServedBroker> {
  if (tls === undefined && !(broker.insecureTransport && loopback.has(host))) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "tls",
      "Passwords and tokens would travel unencrypted.",
      "Give key and certificate, or allowInsecureTransport to a broker on loopback.",
    );
  }
  const server = createServer(tls);
  server.on("request", listener(broker, server));
  server.requestTimeout = requestTimeout;
  await listening(server, port, host);
  const { port: actual } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  return {
    url: `${tls === undefined ? "http" : "https"}://${name}:${actual}${broker.path}`,
    close() {
      closing ??= closed(server).then(() => broker.close());
      return closing;
    },
  };
}

function createServer(tls: ServeOptions["tls"]): Server {
  if (tls === undefined) return createHttpServer();
  return createHttpsServer({ key: asPem(tls.key), cert: asPem(tls.certificate), minVersion: "TLSv1.2" });
}

const asPem = (given: string | Uint8Array): string | Buffer => (typeof given === "string" ? given : Buffer.from(given));

function listener(broker: Broker, server: Server): RequestListener {
  const answer = createServing(broker);
  const respond = async (arrival: Arrival): Promise<void> => {
    const { request, response } = arrival;
    if (request.url?.split("?", 1)[0] !== broker.path) {
      writeAnswer(response, { status: 404, headers: { connection: "close" } });
      return;
    }
    const reply = await answer(arrival);
    // While the server closes, a connection must not stay open for a next request.
    if (!server.listening) response.shouldKeepAlive = false;
    if (reply) writeAnswer(response, reply);
  };
  return (request, response) => {
    respond({ request, response, target: request.url ?? "/", parsed: () => [] }).catch(() => response.destroy());
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
