import { type CountersignError, errorTable } from "../errors/index.js";
import type { AuditEvent } from "./event.js";

const maxText = 256;

/** Audit text: cut to 256 characters, control characters escaped, so that a record is one bounded line. */
export function auditText(text: string): string {
  const cut = text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
  return cut.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The audit view of a refusal: code, verdict, reason, rule, remedy and the place in the message. */
export function auditError(error: CountersignError): AuditEvent["error"] {
  const { reason, rule, remedy, place } = error.detail;
  const where = place?.();
  return {
    code: error.code,
    verdict: errorTable[error.code].verdict,
    reason: auditText(reason),
    rule,
    remedy,
    place: where && { ...where, path: auditText(where.path) },
  };
}
