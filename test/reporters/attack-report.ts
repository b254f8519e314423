import type { AttackOutcome } from "../attack/attack.js";
import { type AttackId, attackIds, catalogue } from "../attack/catalogue.js";

/** One attack case that ran. */
export interface AttackCase {
  readonly id: AttackId;
  readonly passed: boolean;
  /** Absent where the case threw before it came to a verdict. */
  readonly outcome: AttackOutcome | undefined;
}

/** One row of the report: all cases of an id together. */
export interface AttackLine {
  readonly id: AttackId;
  /** The verdicts that will do, separated by `|`. */
  readonly expected: string;
  /** The verdicts of its cases, separated by `|`; `none` where no case came to one. */
  readonly verdict: string;
  /** Of its slowest case. */
  readonly milliseconds: number;
  readonly pass: boolean;
}

/** The report: one line per row that ran or is not excluded. A row without a case does not pass. */
export function attackReport(cases: readonly AttackCase[], excluded: ReadonlySet<string>): AttackLine[] {
  return attackIds
    .filter((id) => !excluded.has(id) || cases.some((ran) => ran.id === id))
    .map((id) => {
      const own = cases.filter((ran) => ran.id === id);
      const verdicts = new Set(own.map(({ outcome }) => outcome?.verdict ?? "none"));
      return {
        id,
        expected: catalogue[id].expected.join("|"),
        verdict: [...verdicts].join("|") || "none",
        milliseconds: Math.round(Math.max(0, ...own.map(({ outcome }) => outcome?.milliseconds ?? 0)) * 1000) / 1000,
        pass: own.length > 0 && own.every(({ passed }) => passed),
      };
    });
}
