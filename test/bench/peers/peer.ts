import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/**
 * Another implementation in a process of its own. It takes commands on standard input, one a line with fields separated by tabs,
 * and answers each with one line: `ok` and a number, or `error` and a reason.
 *
 *     load NAME MESSAGE CERTIFICATES AUTHORITY SIDES   paths; several certificates separated by commas, in the order of the
 *                                                      signatures; SIDES is a folder with the keys of both sides (see sides.ts)
 *     secure NAME TASK MESSAGE SIDES OUTPUT            paths; does a task of sending to MESSAGE once and writes what comes out
 *     run NAME COUNT                                   does that, or verifies, COUNT times and answers the nanoseconds of all
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
    await this.#command("load", name, files.message, files.certificates.join(","), files.authority, files.sides);
  }

  /** Has a message without Security header secured, and written to `output`. */
  async secure(name: string, task: SendingTask, message: string, sides: string, output: string): Promise<void> {
    await this.#command("secure", name, task, message, sides, output);
  }

  /** Nanoseconds of `count` times. */
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
  /** The folder with the keys of both sides. */
  readonly sides: string;
}

/**
 * What a sender does: a Timestamp and a signature over it and the Body by an RSA key whose certificate goes along; the same, and
 * the Body encrypted; or a signature by a key derived from the established context.
 */
export type SendingTask = "sign" | "sign-encrypt" | "sign-derived";

/** A peer refused a command or a message; the text is its own reason. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}
