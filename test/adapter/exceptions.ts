import type { Framework } from "./site.js";

/** A case of the contract that has no meaning for a framework, with the reason. */
export interface Exception {
  readonly title: string;
  readonly frameworks: readonly Framework["name"][];
  readonly reason: string;
}

/** All that is excepted, in one place. A title that no case has fails the suite. */
export const exceptions: readonly Exception[] = [];
