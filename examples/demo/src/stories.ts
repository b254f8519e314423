import type { Story } from "./story.js";

/** The stories of the demo, in the order in which they are told. */
export const stories: readonly Story[] = [];
