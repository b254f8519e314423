import type { Framework } from "./site.js";

/** One case of the contract; the title is unique. */
export type Case = readonly [title: string, run: (start: Framework["start"]) => Promise<void>];
