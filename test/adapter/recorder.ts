import type { Handler, Seen } from "./site.js";

/** A handler that keeps what it saw. */
export function recorder(): { readonly seen: Seen[]; readonly handler: Handler } {
  const seen: Seen[] = [];
  return {
    seen,
    handler: (one) => {
      seen.push(one);
      return { body: "handled" };
    },
  };
}
