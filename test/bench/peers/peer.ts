import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/**
 * Another implementation in a process of its own. It takes commands on standard input, one a line with fields separated by tabs,
 * and answers each with one line: `ok` and a number, or `error` and a reason.
 *
 *     load NAME MESSAGE CERTIFICATES AUTHORITY    paths; several certificates separated by commas, in the order of the signatures
 *     run NAME COUNT                              verifies COUNT times and answers the nanoseconds of all of them
 */
export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    const { stdout } = this.#child;
    if (stdout === null) throw new TypeError("the peer has no output");
    this.#lines = createInterface({ input: stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async load(name: string, files: PeerFiles): Promise<void> {
    await this.#command("load", name, files.message, files.certificates.join(","), files.authority);
  }

  /** Nanoseconds of `count` verifications. */
  run(name: string, count: number): Promise<number> {
    return this.#command("run", name, String(count));
  }

  close(): void {
    this.#child.stdin?.end();
    this.#lines.close();
    this.#child.kill();
  }

  async #command(...fields: readonly string[]): Promise<number> {
    this.#child.stdin?.write(`${fields.join("\t")}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new PeerError("it ended unasked");
    const [status, detail = ""] = String(value).split("\t");
    if (status !== "ok") throw new PeerError(detail);
    return Number(detail);
  }
}

/** Paths of what a peer needs for a case. */
export interface PeerFiles {
  readonly message: string;
  /** The signers' certificates, in the order of the signatures. */
  readonly certificates: readonly string[];
  readonly authority: string;
}

/** A peer refused a command or a message; the text is its own reason. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}
