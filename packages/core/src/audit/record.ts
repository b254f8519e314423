import { type CountersignError, errorTable, type Place } from "../errors/index.js";
import type { AuditEvent } from "./event.js";

const maxText = 256;

/** What could break a record's line, or change how one looks: control, separator and text direction characters, half pairs. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Audit text: cut to 256 characters, then unprintable characters escaped, so that a record is one bounded line. */
export function auditText(text: string): string {
  const cut = text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
  return cut.replace(unprintable, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The audit view of a refusal: code, verdict, reason, rule, remedy and the place in the message. Its cause is not in it. */
export function auditError(error: CountersignError): NonNullable<AuditEvent["error"]> {
  const { reason, rule, remedy } = error.detail;
  const where = placeOf(error);
  return {
    code: error.code,
    verdict: errorTable[error.code].verdict,
    reason: auditText(reason),
    rule,
    remedy,
    place: where && { ...where, path: auditText(where.path) },
  };
}

/** A place that cannot be told is no reason to lose the record, or to answer otherwise. */
function placeOf({ detail: { place } }: CountersignError): Place | undefined {
  try {
    return place?.();
  } catch {
    return undefined;
  }
}
