import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";

/** A real redis-server on loopback, in a temporary folder, without persistence unless asked for. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "redis-"));
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
  }

  /** Starts one and waits until it answers. @param settings Further words of its command line: `--appendonly yes`. */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the process, where it does not run. */
  async restart(): Promise<void> {
    const listen = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder];
    const quiet = ["--save", "", "--logfile", "", "--loglevel", "warning"];
    this.#process = spawn("redis-server", [...listen, ...quiet, ...this.#settings], { stdio: "ignore" });
    for (let attempt = 0; ; attempt++) {
      try {
        await this.command("PING");
        return;
      } catch (error) {
        if (attempt === 200) throw error;
        await pause(25);
      }
    }
  }

  /** One command on a connection of its own. */
  async command(...words: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await client.sendCommand([...words]);
    } finally {
      client.destroy();
    }
  }

  /** Stops it from answering; its connections stay open, and new ones are taken by the system. */
  hang(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets it answer again. */
  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Ends the process without warning. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  /** Ends it and removes what it held. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Waits. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
