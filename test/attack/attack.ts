import { type ErrorCode, errorTable } from "@countersign/core";
import { type ExpectStatic, it } from "vitest";
import { type AttackId, type AttackVerdict, catalogue, type WssLetters } from "./catalogue.js";

/*
 * How to write an attack test, in test/attack/<subject>.test.ts:
 *
 *   attack("A1", "signed Body under soap:Header", async (expect) => {
 *     const verdict = await guard.admit(request(wrapped(genuine)));
 *     expect(handlerCalls).toBe(0);
 *     return verdictOf(verdict, audit);
 *   });
 *
 * - The id is a literal: test/attack/catalogue.test.ts finds it in the source. One id may have several cases.
 * - The case returns its verdict, or { verdict, milliseconds } where it measured something narrower than itself.
 *   It must be one of the row's `expected` in catalogue.ts. Everything else is asserted with `expect`.
 * - A row about a property ("no fetch", "one fault") asserts it and returns "holds"; a row about configuration returns
 *   "start refused" when construction threw a ConfigurationError.
 * - Every case shows first that the genuine message is accepted: an attack on a message that fails anyway shows nothing.
 * - Then take the id out of exclusions.ts.
 */

declare module "vitest" {
  interface TaskMeta {
    /** What an attack case came to, for the report. */
    attack?: AttackOutcome;
  }
}

/** What an attack case came to. */
export interface AttackOutcome {
  readonly id: AttackId;
  readonly verdict: AttackVerdict;
  readonly milliseconds: number;
}

/** What a case returns. */
export type AttackResult = AttackVerdict | { readonly verdict: AttackVerdict; readonly milliseconds: number };

/** Registers one case of a row of the catalogue. Its time limit is 20 seconds unless given. */
export function attack(
  id: AttackId,
  title: string,
  body: (expect: ExpectStatic) => AttackResult | Promise<AttackResult>,
  timeoutMilliseconds?: number,
): void {
  it(
    `${id} ${title}`,
    async ({ expect, task }) => {
      const started = performance.now();
      const result = await body(expect);
      const took = performance.now() - started;
      const { verdict, milliseconds } = typeof result === "string" ? { verdict: result, milliseconds: took } : result;
      task.meta.attack = { id, verdict, milliseconds };
      expect(catalogue[id].expected).toContain(verdict);
    },
    timeoutMilliseconds,
  );
}

const letters: ReadonlyMap<string, WssLetters> = new Map([
  ["FailedCheck", "FC"],
  ["FailedAuthentication", "FA"],
  ["InvalidSecurity", "IS"],
  ["InvalidSecurityToken", "IT"],
  ["UnsupportedSecurityToken", "UT"],
  ["UnsupportedAlgorithm", "UA"],
  ["SecurityTokenUnavailable", "TU"],
  ["MessageExpired", "ME"],
]);

/** The letters of what a part of the product refuses with, by the table of errors. */
export function lettersOf(code: ErrorCode): AttackVerdict {
  const found = letters.get((errorTable[code] as { readonly verdict?: string }).verdict ?? "");
  return found ?? (String(errorTable[code].status) as AttackVerdict);
}

/**
 * The verdict of a guard: `accepted`, else the internal verdict of the last audit record in letters, else the HTTP
 * status of the answer.
 */
export function verdictOf(
  verdict: { readonly kind: string; readonly reply?: { readonly status: number } },
  records: readonly { readonly error?: { readonly verdict?: string | undefined } | undefined }[],
): AttackVerdict {
  if (verdict.reply === undefined) return "accepted";
  const internal = letters.get(records.at(-1)?.error?.verdict ?? "");
  return internal ?? (String(verdict.reply.status) as AttackVerdict);
}
