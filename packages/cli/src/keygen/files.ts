import { chmod, lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UsageError } from "../usage-error.js";

/** A file to be written. */
export interface NewFile {
  readonly name: string;
  readonly content: string;
  /** Whether only its owner may read it. */
  readonly secret: boolean;
}

/**
 * Writes files into a directory, which only its owner may list where it had to be made. Nothing is overwritten unless
 * `force` is set; then the old file is removed first, so that no link is followed and no mode is kept.
 * @throws UsageError
 */
export async function writeFiles(directory: string, files: readonly NewFile[], force: boolean): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (!force) await requireAbsent(directory, files);
    for (const { name, content, secret } of files) {
      const path = join(directory, name);
      const mode = secret ? 0o600 : 0o644;
      if (force) await rm(path, { force: true });
      await writeFile(path, content, { flag: "wx", mode });
      // Whatever the umask adds or takes away.
      await chmod(path, mode);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${directory} cannot be written: ${messageOf(error)}.`);
  }
}

async function requireAbsent(directory: string, files: readonly NewFile[]): Promise<void> {
  for (const { name } of files) {
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined)
      throw new UsageError(`${path} exists already. Choose another --out, or overwrite with --force.`);
  }
}
