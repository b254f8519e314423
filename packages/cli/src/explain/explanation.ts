import type { CountersignError } from "@countersign/core";
import { type ErrorCode, errorTable, type Place } from "@countersign/core";
import type { Decision } from "./decide.js";
import type { Subject } from "./subject.js";

/** What is broken, where, and how to mend it. */
export interface Breakage {
  readonly code: ErrorCode;
  /** The verdict of WS-Security 1.1 section 12, where the code has one. */
  readonly fault: string | null;
  readonly reason: string;
  /** The section of the standard, the profile's rule or the option. */
  readonly rule: string | null;
  readonly remedy: string | null;
  /** In the message: lines and columns from 1. Null where it is not about one place. */
  readonly place: Place | null;
  /** The same place in the file, which may hold an HTTP head before the message. */
  readonly file: { readonly name: string; readonly line: number; readonly column: number } | null;
}

/** What `--json` prints. Members that do not apply are null. */
export interface Explanation {
  /** `undecided`: no trust was configured, and nothing in the message's shape is wrong. It is no admission. */
  readonly verdict: "admitted" | "refused" | "undecided";
  readonly code: ErrorCode | null;
  readonly fault: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly remedy: string | null;
  readonly place: Place | null;
  readonly file: Breakage["file"];
  /** HTTP status of what the caller gets in place of the handler's reply. */
  readonly status: number | null;
  readonly anonymous: boolean;
  readonly principal: string | null;
  readonly issuer: string | null;
  readonly proof: string | null;
  /** Index in `accept`. */
  readonly alternative: number | null;
  /** Who protects which part of the message: `transport`, or the signer. */
  readonly parts: Readonly<Record<string, string>>;
  /** Whether a configuration said who is trusted. */
  readonly configured: boolean;
}

/** The explanation of a guard's decision. */
export function explanationOf({ record, security, reply }: Decision, subject: Subject): Explanation {
  const refused = record.outcome === "refused";
  const { error } = record;
  return {
    ...nothing,
    ...(error && breakageOf(error, subject)),
    verdict: refused ? "refused" : "admitted",
    status: reply?.status ?? null,
    anonymous: record.outcome === "anonymous",
    principal: security?.principal.name ?? null,
    issuer: security?.issuer ?? null,
    proof: security?.evidence.proof ?? null,
    alternative: security?.evidence.alternative ?? null,
    parts: Object.fromEntries(
      [...(security?.evidence.parts ?? [])].map(([name, one]) => [
        name,
        one.by === "transport" ? "transport" : one.signer,
      ]),
    ),
    configured: true,
  };
}

/** The explanation where nobody is trusted: what is wrong with the shape, or that nothing can be decided. */
export function shapeExplanation(fault: CountersignError | undefined, subject: Subject): Explanation {
  if (fault === undefined) return nothing;
  const { reason, rule, remedy, place } = fault.detail;
  const { verdict } = errorTable[fault.code];
  return {
    ...nothing,
    ...breakageOf({ code: fault.code, verdict, reason, rule, remedy, place: place?.() }, subject),
    verdict: "refused",
  };
}

const nothing: Explanation = {
  verdict: "undecided",
  code: null,
  fault: null,
  reason: null,
  rule: null,
  remedy: null,
  place: null,
  file: null,
  status: null,
  anonymous: false,
  principal: null,
  issuer: null,
  proof: null,
  alternative: null,
  parts: {},
  configured: false,
};

function breakageOf(
  { code, verdict, reason, rule, remedy, place }: NonNullable<Decision["record"]["error"]>,
  { name, headLines }: Subject,
): Breakage {
  return {
    code,
    fault: verdict ?? null,
    reason,
    rule: rule ?? null,
    remedy: remedy ?? null,
    place: place ?? null,
    file: place === undefined ? null : { name, line: place.line + headLines, column: place.column },
  };
}
