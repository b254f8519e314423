/** Why a source of revocation answers is of no use now: what it sent, or that it sent nothing. The cause of an ERR_UNAVAILABLE. */
export class RevocationSourceError extends Error {
  override readonly name = "RevocationSourceError";
}

/** Refuses what a source sent. */
export function unusable(reason: string, cause?: unknown): never {
  throw new RevocationSourceError(reason, { cause });
}

/** What happened to a source, in words for the audit record: our own, else the name or code of the error and nothing of its text. */
export function failureOf(cause: unknown): string {
  if (cause instanceof RevocationSourceError) return cause.message;
  if (!(cause instanceof Error)) return "it failed";
  const { code } = (cause.cause ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : cause.name;
}
