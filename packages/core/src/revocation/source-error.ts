/** Why a source of revocation answers is of no use now: what it sent, or that it sent nothing. The cause of an ERR_UNAVAILABLE. */
export class RevocationSourceError extends Error {
  override readonly name = "RevocationSourceError";
}

/** Refuses what a source sent. */
export function unusable(reason: string, cause?: unknown): never {
  throw new RevocationSourceError(reason, { cause });
}
