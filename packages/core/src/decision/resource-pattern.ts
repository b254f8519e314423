import { ConfigurationError } from "../errors/index.js";

/** A compiled resource pattern. */
export interface ResourcePattern {
  /** Length of its fixed part: of several patterns the longest is the most exact. */
  readonly length: number;
  /** @param path In its one plain form. */
  matches(path: string): boolean;
}

/**
 * Compiles a resource pattern: a path, or a path with a closing `/*` for everything at and below it. Case and a closing slash
 * make no difference, because some routers see none: `/orders` protects `/Orders/` too.
 * @throws ConfigurationError ERR_CONFIG_INVALID for any other text
 */
export function compilePattern(text: string, option: string): ResourcePattern {
  const below = text.endsWith("/*");
  const fixed = comparable(below ? text.slice(0, -2) : text);
  if (!/^\/(?:[\w\-.~!$&'()+,=:@]+(?:\/[\w\-.~!$&'()+,=:@]+)*)?$/.test(fixed === "" ? "/" : fixed)) {
    throw new ConfigurationError(
      "ERR_CONFIG_INVALID",
      option,
      "This is no path, or has letters that never stand in one as it is sent.",
      "Write /orders for one resource, /orders/* for all below it, or /* for all there are.",
    );
  }
  return {
    length: fixed.length * 2 + (below ? 0 : 1),
    matches(path) {
      const seen = comparable(path);
      return seen === fixed || (below && seen.startsWith(`${fixed}/`));
    },
  };
}

const comparable = (path: string): string => path.replace(/\/$/, "").toLowerCase();
