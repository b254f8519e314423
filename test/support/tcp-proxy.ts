import { connect, createServer, type Server, type Socket } from "node:net";

/** A connection between a client and a server that can be made worse. */
export class TcpProxy {
  /** What comes back is held for that long, in milliseconds. */
  delay = 0;
  /** Whether the answers of connections open now are lost: the server hears, the client does not. */
  #mute: ReadonlySet<Socket> = new Set();
  readonly #clients = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connect(target, "127.0.0.1");
      this.#clients.add(client);
      const end = () => {
        this.#clients.delete(client);
        client.destroy();
        server.destroy();
      };
      for (const socket of [client, server]) socket.on("error", end).on("close", end);
      client.on("data", (octets) => server.write(octets));
      server.on("data", (octets) => {
        if (this.#mute.has(client)) return;
        if (this.delay === 0) client.write(octets);
        else setTimeout(() => client.write(octets), this.delay);
      });
    });
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Loses every further answer on the connections that are open now; new ones are whole. */
  loseAnswers(): void {
    this.#mute = new Set(this.#clients);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
