import { refuse } from "../errors/index.js";

/** Refuses a multipart message for its form. */
export function refuseMime(reason: string, rule: string, remedy?: string): never {
  refuse("ERR_MIME_INVALID", reason, { rule, remedy });
}
