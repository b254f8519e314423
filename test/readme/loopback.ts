import type { AddressInfo } from "node:net";
import { Server } from "node:net";
import tls from "node:tls";

/** The network as the documents see it: any port may be had, and `*.example` leads to servers of this process. */
export interface Loopback {
  /** The servers that began to listen, in order. */
  readonly servers: readonly Server[];
  /** Lets a host name lead to a server of this process. */
  assign(host: string, server: Server): void;
  /** Ends everything that listens, and puts the real network back. */
  restore(): Promise<void>;
}

/** Puts the network of the documents in place of the real one, in this process. */
export function createLoopback(): Loopback {
  const { listen } = Server.prototype;
  const { connect } = tls;
  const servers: Server[] = [];
  const hosts = new Map<string, Server>();
  Server.prototype.listen = function (this: Server, ...parameters: unknown[]) {
    servers.push(this);
    const listening = parameters.find((value) => typeof value === "function") as (() => void) | undefined;
    return listen.call(this, { port: 0, host: "127.0.0.1" }, listening);
  } as typeof listen;
  tls.connect = ((options: tls.ConnectionOptions, ...rest: []) => {
    const server = hosts.get(options.host ?? "");
    if (server === undefined) return connect(options, ...rest);
    const { port } = server.address() as AddressInfo;
    return connect({ ...options, host: "127.0.0.1", port, servername: options.host ?? "" }, ...rest);
  }) as typeof connect;
  return {
    servers,
    assign: (host, server) => hosts.set(host, server),
    async restore() {
      Server.prototype.listen = listen;
      tls.connect = connect;
      await Promise.all(servers.map(close));
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server && typeof server.closeAllConnections === "function")
      server.closeAllConnections();
  });
}
