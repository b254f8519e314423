import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** A password's hash, read: scrypt (RFC 7914) with its cost, block size, parallelization, salt and key. */
export interface PasswordHash {
  /** Binary logarithm of the cost. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** What new hashes cost: 32 MiB and some 50 ms of a thread. */
const defaults = { ln: 15, r: 8, p: 1 } as const;
const keyOctets = 32;
/** Bounds of what a file may ask for: no less than is safe, no more than 256 MiB for one password. */
const leastLn = 14;
const mostLn = 18;

/**
 * Hashes a password for a password file: `$scrypt$ln=15,r=8,p=1$salt$key`, with a salt of its own.
 * The password is taken as it is, in UTF-8.
 * @throws RangeError for an empty one
 */
export async function hashPassword(password: string): Promise<string> {
  if (password === "") throw new RangeError("An empty password protects nothing.");
  const hash = { ...defaults, salt: randomBytes(16), key: Buffer.alloc(keyOctets) };
  const key = await keyOf(hash, password);
  return `$scrypt$ln=${hash.ln},r=${hash.r},p=${hash.p}$${unpadded(hash.salt)}$${unpadded(key)}`;
}

/** Reads a hash. @returns undefined for another form, and for costs beyond what is safe or bearable */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d),p=(\d)\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/.exec(text);
  if (form === null) return undefined;
  const [ln, r, p] = form.slice(1, 4).map(Number) as [number, number, number];
  if (ln < leastLn || ln > mostLn || r !== 8 || p < 1 || p > 4) return undefined;
  return { ln, r, p, salt: Buffer.from(form[4] ?? "", "base64"), key: Buffer.from(form[5] ?? "", "base64") };
}

/** Whether a password has this hash; as long for one as for the other. */
export async function isPassword(hash: PasswordHash, password: string): Promise<boolean> {
  return timingSafeEqual(await keyOf(hash, password), hash.key);
}

/** A hash of nothing that anybody knows, for names that are unknown. */
export function unknownHash(like: PasswordHash = { ...defaults, salt: randomBytes(16), key: randomBytes(keyOctets) }) {
  return { ...like, salt: randomBytes(16), key: randomBytes(keyOctets) };
}

function keyOf({ ln, r, p, salt, key }: PasswordHash, password: string): Promise<Buffer> {
  const cost = 2 ** ln;
  return derive(password, salt, key.length, { cost, blockSize: r, parallelization: p, maxmem: 256 * cost * r });
}

/** Base64 without padding, as the PHC string format has it. */
const unpadded = (octets: Buffer) => octets.toString("base64").replace(/=+$/, "");
