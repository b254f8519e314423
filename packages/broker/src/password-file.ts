import { readFile, stat } from "node:fs/promises";
import { refuse, toConfigurationError } from "@countersign/core/sts";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { z } from "zod";
import type { Identity, IdentityProvider } from "./identity-provider.js";
import { isPassword, type PasswordHash, parsePasswordHash, unknownHash } from "./password-hash.js";

/** Where the file is. */
export interface PasswordFileOptions {
  /** Path of a JSON file: names, each with `password` (as {@link hashPassword} makes it), and `name` and `claims` where wanted. */
  readonly path: string;
  /** Passwords hashed at one time; four times as many wait, the rest is turned away as an outage. Default 4. */
  readonly maxConcurrent?: number | undefined;
}

/** Longest password that is tried, in UTF-16 units. */
const maxPassword = 1024;
const maxFile = 16 << 20;

const options = z.strictObject({
  path: z.string().min(1),
  maxConcurrent: z.number().int().min(1).max(64).optional(),
});
const text = z.string().min(1);
const file = z.record(
  text,
  z.strictObject({
    password: z.string().transform((value, context): PasswordHash => {
      const hash = parsePasswordHash(value);
      if (hash === undefined) context.addIssue("This must be a hash as hashPassword makes it.");
      return hash ?? z.NEVER;
    }),
    name: text.optional(),
    claims: z.record(text, z.union([z.string(), z.array(z.string())])).optional(),
  }),
);

/** What a file says of one name. */
type Entry = z.infer<typeof file>[string];

/**
 * Makes a file of names and password hashes the identity provider of a broker: for small sites and trials. The file is
 * read again when it has changed: replace it in one step, by renaming a new one. While it cannot be read, or says
 * something that is not understood, nobody is authenticated and the broker answers 503.
 *
 * @throws ConfigurationError for a wrong option
 */
export function passwordFile(given: PasswordFileOptions): IdentityProvider {
  const result = options.safeParse(given);
  if (!result.success) throw toConfigurationError(result.error);
  return new PasswordFile(given);
}

class PasswordFile implements IdentityProvider {
  readonly #path: string;
  readonly #hashing;
  #read:
    | { readonly version: string; readonly entries: ReadonlyMap<string, Entry>; readonly unknown: PasswordHash }
    | undefined;

  constructor({ path, maxConcurrent = 4 }: PasswordFileOptions) {
    this.#path = path;
    this.#hashing = bulkhead(maxConcurrent, 4 * maxConcurrent);
  }

  async authenticate(name: string, password: string): Promise<Identity | undefined> {
    if (password.length > maxPassword) return undefined;
    const { entries, unknown } = await this.#entries();
    const entry = entries.get(name);
    // Unknown names cost the same.
    const right = await this.#check(entry?.password ?? unknown, password);
    if (entry === undefined || !right) return undefined;
    return { name: entry.name ?? name, claims: entry.claims };
  }

  async #check(hash: PasswordHash, password: string): Promise<boolean> {
    try {
      return await this.#hashing.execute(() => isPassword(hash, password));
    } catch (cause) {
      if (!(cause instanceof BulkheadRejectedError)) throw cause;
      refuse("ERR_UNAVAILABLE", "more passwords are to be hashed than may wait", { cause });
    }
  }

  async #entries() {
    try {
      const { ino, size, mtimeMs } = await stat(this.#path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (this.#read?.version === version) return this.#read;
      if (size > maxFile) throw new RangeError(`it has more than ${maxFile} octets`);
      const entries = new Map(Object.entries(file.parse(JSON.parse(await readFile(this.#path, "utf8")))));
      const [first] = entries.values();
      this.#read = { version, entries, unknown: unknownHash(first?.password) };
      return this.#read;
    } catch (cause) {
      refuse("ERR_UNAVAILABLE", `the password file cannot be used: ${reasonOf(cause)}`, { cause });
    }
  }
}

/** What is wrong with the file, without what stands in it. */
function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError)
    return cause.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join(" ");
  if (cause instanceof SyntaxError) return "it is not JSON";
  return cause instanceof Error ? cause.message : String(cause);
}
