import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomId } from "../crypto/index.js";
import { refuse } from "../errors/index.js";

/** Octets that are held in memory before a file is opened. */
const inMemory = 64 * 1024;

/** Octets read from the file at a time. */
const readChunk = 64 * 1024;

/** A range of a spool. */
export interface SpoolRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Octets kept until they are verified and read, in memory while they are few and then in a temporary file: readable and
 * writable by this process's user alone, and removed from its folder as soon as it is open, so that nothing is left behind
 * whatever happens. The folder is the system's (`TMPDIR`).
 */
export class Spool {
  #memory: Buffer[] = [];
  #file: FileHandle | undefined;
  #length = 0;
  #closed = false;
  /** Reads and writes under way: the file is closed behind the last of them. */
  #busy = 0;

  /** Octets in the spool. */
  get length(): number {
    return this.#length;
  }

  /** Appends octets. @throws ERR_UNAVAILABLE where the file cannot be written */
  async append(octets: Buffer): Promise<void> {
    const at = this.#length;
    this.#length += octets.length;
    if (this.#length <= inMemory) {
      // A copy: the chunk may be a small piece of a large buffer.
      this.#memory.push(Buffer.from(octets));
      return;
    }
    await this.#use("kept", async () => {
      this.#file ??= await this.#openFile();
      await writeAll(this.#file, octets, at);
    });
  }

  /**
   * Reads a range, piece after piece.
   * @param reuse Whether the reader is done with each piece when it asks for the next: then all come in one buffer, which
   * large attachments would otherwise turn into as much garbage as they have octets.
   * @throws ERR_UNAVAILABLE where the spool is closed, or its file cannot be read
   */
  async *read({ start, length }: SpoolRange, reuse: boolean): AsyncGenerator<Buffer, void, undefined> {
    const end = start + length;
    const buffer = reuse ? Buffer.allocUnsafe(Math.min(readChunk, length)) : undefined;
    for (let at = start; at < end; ) {
      const size = Math.min(readChunk, end - at);
      const piece = await this.#piece(at, buffer?.subarray(0, size) ?? Buffer.allocUnsafe(size));
      at += piece.length;
      yield piece;
    }
  }

  /** Lets go of everything. What is being read ends with ERR_UNAVAILABLE. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#memory = [];
    this.#release();
  }

  #piece(at: number, into: Buffer): Promise<Buffer> {
    return this.#use("read", async () => {
      const { length } = into;
      if (this.#file === undefined) return Buffer.concat(this.#memory).subarray(at, at + length);
      const { buffer, bytesRead } = await this.#file.read(into, 0, length, at);
      if (bytesRead === 0) refuse("ERR_UNAVAILABLE", "an attachment's file ends early", { rule: "attachments" });
      return buffer.subarray(0, bytesRead);
    });
  }

  async #openFile(): Promise<FileHandle> {
    const path = join(tmpdir(), randomId("countersign-"));
    const file = await open(path, "wx+", 0o600);
    try {
      await unlink(path);
      let at = 0;
      for (const octets of this.#memory) {
        await writeAll(file, octets, at);
        at += octets.length;
      }
    } catch (cause) {
      await file.close();
      throw cause;
    }
    this.#memory = [];
    return file;
  }

  async #use<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) refuse("ERR_UNAVAILABLE", "the exchange of this attachment is over", { rule: "attachments" });
    this.#busy++;
    try {
      return await work();
    } catch (cause) {
      refuse("ERR_UNAVAILABLE", `an attachment cannot be ${what}`, {
        rule: "attachments",
        remedy: "Look at the temporary folder: is there room, may this process write there?",
        cause,
      });
    } finally {
      this.#busy--;
      this.#release();
    }
  }

  #release(): void {
    if (!this.#closed || this.#busy > 0 || this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    // What fails here is a file that nobody can find any more.
    file.close().catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, octets: Buffer, position: number): Promise<void> {
  for (let written = 0; written < octets.length; ) {
    const { bytesWritten } = await file.write(octets, written, octets.length - written, position + written);
    written += bytesWritten;
  }
}
