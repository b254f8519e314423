import { createReadStream } from "node:fs";
import { messageOf, UsageError } from "./usage-error.js";

/** The most octets that a command reads: four times the largest message that a guard can be told to take. */
export const maxInputOctets: number = 64 << 20;

/** A file as a command was given it. */
export interface Input {
  /** The path as written, or `stdin`. */
  readonly name: string;
  readonly octets: Buffer;
}

/**
 * Reads a file whole, or standard input for `-`.
 * @throws UsageError where it cannot be read, is empty, or has more than {@link maxInputOctets}
 */
export async function readInput(path: string, stdin: AsyncIterable<Uint8Array | string>): Promise<Input> {
  const name = path === "-" ? "stdin" : path;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of path === "-" ? stdin : createReadStream(path)) {
      const octets = Buffer.from(chunk as Uint8Array);
      length += octets.length;
      if (length > maxInputOctets) {
        throw new UsageError(`${name} has more than ${maxInputOctets / (1 << 20)} MiB: no message is that large.`);
      }
      chunks.push(octets);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${name} cannot be read: ${reasonOf(error)}.`);
  }
  if (length === 0) throw new UsageError(`${name} is empty.`);
  return { name, octets: Buffer.concat(chunks) };
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EACCES") return "permission is denied";
  return messageOf(error);
}
